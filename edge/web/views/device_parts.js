// What the sections of the device page are made of.

import { Problem } from "/web/api.js";
import { dayOf, language, momentOf, numberOf, t, timeOf } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { holds } from "/web/session.js";

const UNITS = [[1e9, "gigabyte"], [1e6, "megabyte"]].map(([bytes, unit]) => [bytes, new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 })]);

export function size(bytes) {
  const [unit, numbers] = UNITS.find(([least]) => bytes >= least) ?? UNITS.at(-1);
  return numbers.format(bytes / unit);
}
export const tenths = (value) => numberOf(value, 1);

// Of a time stamp of a notice or a check: the day only where it is not today.
export const moment = (at) => (dayOf(at) === dayOf(Date.now()) ? timeOf(at) : momentOf(at));

export const text = (content, kind = "") => el("p", kind ? { class: kind, text: content } : { text: content });
export const facts = (pairs) => el("dl", { class: "figures" }, ...pairs.filter(Boolean).map(([name, ...content]) => el("div", {}, el("dt", { text: name }), el("dd", {}, ...content))));
export const list = (lines) => el("ul", { class: "lines" }, ...lines);

export function table(head, rows) {
  const cells = (tag, row) => row.map((cell) => el(tag, tag === "th" ? { scope: "col", text: cell } : { text: cell }));
  const body = rows.map((row) => el("tr", {}, el("th", { scope: "row", text: row[0] }), ...cells("td", row.slice(1))));
  return el("table", { class: "table" }, el("thead", {}, el("tr", {}, ...cells("th", head))), el("tbody", {}, ...body));
}

// What the API answered, or why not.
export function known(answer, build) {
  if (answer === undefined) return [text(t("device.reading"), "foot")];
  return answer instanceof Problem ? [text(answer.message, "problem")] : build(answer);
}

// Who nobody has to allow anything: before the first sign-in was set up, everyone.
export const serves = (session) => session.kind === "unclaimed" || holds(session, "service", "admin");
export const hasRole = ({ kind, grants }) => kind === "unclaimed" || grants.length > 0;

const ENDED = new Set(["not-signed-in", "session-over"]);

const WHY = new Map([
  [serves, { nobody: "device.gate_service_sign_in", named: "device.gate_service_role" }],
  [hasRole, { nobody: "device.gate_any_sign_in", named: "device.gate_any_role" }],
]);

// Why a person does not see something, and how to: shown in place of a request that would be refused.
export function gated(session, allowed, answer, build) {
  const over = answer instanceof Problem && ENDED.has(answer.code);
  if (allowed(session) && !over) return known(answer, build);
  const named = session.kind === "operator" && !over;
  return [
    text(t(WHY.get(allowed)[named ? "named" : "nobody"])),
    el("div", { class: "controls" }, el("button", { type: "button", "data-key": "gate", text: t("device.gate_button"), onclick: () => document.getElementById("person").click() })),
  ];
}
