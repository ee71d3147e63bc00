// What a reader of the screen hears: each text once, after it has held for a moment. What changes many times a second is only shown.

import { el } from "/web/parts/dom.js";

const HOLD_MS = 1000;

const line = el("p", { class: "spoken", role: "status" });
document.body.append(line);
let newest = "";
let timer = 0;

// `about` names the text: with other figures it is still the same text.
export function say(about, text) {
  if (about === newest) return;
  newest = about;
  clearTimeout(timer);
  timer = setTimeout(() => { line.textContent = text; }, HOLD_MS);
}
