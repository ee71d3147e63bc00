// The newest lines of the log, for who serves the appliance: read again while the section is open.

import { ask } from "/web/api.js";
import { secondOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { newest } from "/web/parts/newest.js";
import { gated, serves } from "/web/views/device_parts.js";

const EVERY_MS = 3000;
const SHOWN = 200;
const LEVELS = { debug: "log.debug", info: "log.info", warning: "log.warning", error: "log.error" };

const section = document.getElementById("log");
const level = el("select", { "aria-label": t("log.level") }, ...Object.entries(LEVELS).map(([value, key]) => el("option", { value, text: t(key), selected: value === "warning" })));
let session = null;
let known = []; // the newest last
let refusal = null;
const begin = newest();

const lineOf = ({ at, level: stated, source, text }) => el("li", { "data-level": stated },
  el("span", { class: "foot", text: `${secondOf(at)} ${t(LEVELS[stated] ?? "log.error")}` }), el("span", { dir: "ltr", lang: "en", text: `${text} (${source})` }));

function show() {
  const lines = known.slice(-SHOWN).reverse().map(lineOf);
  const list = lines.length ? el("ol", { class: "lines log" }, ...lines) : el("p", { text: t("log.none") });
  section.querySelector("div").replaceChildren(...gated(session, serves, refusal ?? known, () => [el("label", { text: t("log.level") }, level), list]));
}

async function read(after) {
  if (!section.open || document.hidden || !serves(session)) return;
  const isNewest = begin();
  try {
    const lines = await ask("GET", `log?level=${level.value}&after=${after}`, undefined, { alone: true });
    if (!isNewest()) return;
    known = after ? [...known, ...lines] : lines;
    if (after && !lines.length && !refusal) return; // nothing new: what is being read stays in place
    refusal = null;
  } catch (problem) {
    if (isNewest() && problem.code) refusal = problem; // without a connection, what was read before stays
  }
  show();
}

function again() {
  known = []; // of another level
  return read(0);
}

// Call it once for each person.
export function watchLog(now) {
  [session, known, refusal] = [now, [], null];
  show();
  again();
}

section.addEventListener("toggle", again);
level.addEventListener("change", again);
setInterval(() => { if (session) read(known.at(-1)?.number ?? 0); }, EVERY_MS);
