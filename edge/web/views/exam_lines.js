// Exams as lines of a list, each a link to its exam.

import { dateOf, t, timeOf } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { actorOf } from "/web/parts/stated.js";
import { nameOf, stateOf } from "/web/views/words.js";

const REASONS = {
  unqualified: "waiting.unqualified",
  discordant: "waiting.discordant",
  abstained: "waiting.abstained",
  novice: "waiting.novice",
  random: "waiting.random",
  drift: "waiting.drift",
};

const link = (id, title, ...lines) =>
  el("li", {}, el("a", { href: `/exam?id=${encodeURIComponent(id)}` }, el("strong", { text: title }), ...lines.filter(Boolean).map((text) => el("span", { text }))));

// `more` are further texts about the exam.
export function lineOf(exam, protocol, ...more) {
  return link(exam.id, nameOf(exam), `${timeOf(exam.begun_at)}, ${protocol}`, actorOf(exam.operator), ...more, stateOf(exam), exam.simulated && t("exam.simulated"));
}

// An exam that waits for a reader.
export function waitingOf({ exam, begun_at: begun, reasons, simulated }, protocol) {
  return link(exam, protocol, `${dateOf(begun)}, ${timeOf(begun)}`, reasons.map((reason) => t(REASONS[reason])).join(", "), simulated && t("exam.simulated"));
}
