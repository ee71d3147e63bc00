// One line below the header that offers the first start, on the first visits of an appliance that nobody has set up. Nobody has to.

import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";

const LATER = "set up later"; // in the storage of this browser
const PAGES = new Set(["/", "/home"]);
let line = null;

function later() {
  localStorage.setItem(LATER, "yes");
  line.hidden = true;
}

export function offerSetUp({ kind }) {
  const wanted = kind === "unclaimed" && PAGES.has(location.pathname) && !localStorage.getItem(LATER);
  if (wanted && !line) {
    line = el("p", { class: "offer" }, el("span", { text: t("welcome.offer") }),
      el("a", { class: "button", href: "/welcome", text: t("welcome.title") }), el("button", { type: "button", text: t("welcome.later"), onclick: later }));
    document.querySelector("header").after(line);
  }
  if (line) line.hidden = !wanted;
}
