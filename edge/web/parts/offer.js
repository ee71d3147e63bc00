// One line below the header that offers the first start, on the first visits of an appliance that nobody has set up. Nobody has to.
// On a phone the image and "Begin exam" need the whole screen for scanning; there the button in the header offers the same.

import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";

const LATER = "set up later"; // in the storage of this browser
const PAGES = new Set(["/", "/home"]);
const WIDE = matchMedia("(min-width: 760px)");
let line = null;

function later() {
  localStorage.setItem(LATER, "yes");
  line.hidden = true;
}

export function offerSetUp({ kind }) {
  const wanted = kind === "unclaimed" && (WIDE.matches ? PAGES.has(location.pathname) : location.pathname === "/home") && !localStorage.getItem(LATER);
  if (wanted && !line) {
    line = el("p", { class: "offer" }, el("span", { text: t("welcome.offer") }),
      el("a", { class: "button", href: "/welcome", text: t("welcome.title") }), el("button", { type: "button", text: t("welcome.later"), onclick: later }));
    document.querySelector("header").after(line);
  }
  if (line) line.hidden = !wanted;
}
