// The choice of a stick and of a receiver: what is there, and why something cannot be chosen.

import { dayOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { statedBoth } from "/web/parts/stated.js";
import { size } from "/web/views/device_parts.js";

export const PART = 4; // characters of a fingerprint that are read together

// Left to right also between Arabic words.
export const grouped = (digits) => `\u2066${digits.match(new RegExp(`.{1,${PART}}`, "g")).join(" ")}\u2069`;
const begun = (fingerprint) => grouped(`${fingerprint.slice(0, -PART)}${"\u2022".repeat(PART)}`);

const line = (text, kind = "") => el("span", { class: kind, text });

function offerOf(group, { value, name, lines, usable, checked, choose }) {
  const box = el("input", { type: "radio", name: group, value, "data-key": value, disabled: !usable, checked, onchange: ({ target }) => choose(target.value) });
  return el("label", { class: "choice offer", "data-key": value }, box, el("span", {}, el("strong", {}, el("bdi", { text: name })), ...lines.filter(Boolean)));
}

function stickOf(stick, chosen, choose) {
  const { id, name, writable, removable, free, size: all, unreadable, review_files: files, folder } = stick;
  const lines = [
    line(t("stick.room", { free: size(free), size: size(all) })),
    el("span", {}, el("bdi", { dir: "ltr", text: folder })),
    !removable && line(t("stick.fixed")),
    files > 0 && line(t("stick.reviews_here", { count: files })),
    !writable && line(t("stick.read_only"), "must"),
    unreadable && line(t("stick.unreadable"), "must"),
  ];
  return offerOf("stick", { value: id, name, lines, usable: !unreadable, checked: id === chosen, choose });
}

export function sticksOf({ sticks }, chosen, choose) {
  const body = sticks.length ? sticks.map((each) => stickOf(each, chosen, choose)) : [el("p", { role: "status", text: t("stick.none") })];
  return el("fieldset", { class: "question wide", "data-key": "sticks" }, el("legend", { text: t("stick.which") }), ...body);
}

// The end of a fingerprint that nobody has compared is not shown: the receiver reads it.
function receiverOf(receiver, receivers, chosen, choose) {
  const { name, fingerprint, valid_until: until, remembered, problem, says } = receiver;
  const replaces = !remembered && receivers.some((each) => each.remembered && each.name === name);
  const lines = [
    line(t("stick.fingerprint", { fingerprint: remembered ? grouped(fingerprint) : begun(fingerprint) })),
    line(t("stick.until", { day: dayOf(until) })),
    problem && line(statedBoth(problem, "", says), "must"),
    !problem && line(t(remembered ? "stick.known" : "stick.new_key"), remembered ? "" : "must"),
    replaces && line(t("stick.other_key", { receiver: name }), "must"),
  ];
  return offerOf("receiver", { value: fingerprint, name, lines, usable: !problem, checked: fingerprint === chosen, choose });
}

const unusableOf = ([file, why]) => el("p", { class: "problem", "data-key": `file ${file}` }, `${t("stick.no_key_file", { file })} `, el("bdi", { lang: "en", text: why }));

export function receiversOf({ sticks, receivers }, chosen, choose) {
  const body = receivers.length ? receivers.map((each) => receiverOf(each, receivers, chosen, choose)) : [el("p", { text: t("stick.no_keys") })];
  const choice = el("fieldset", { class: "question wide", "data-key": "receivers" }, el("legend", { text: t("stick.for_whom") }), ...body);
  return sticks.length || receivers.length ? [choice, ...sticks.flatMap(({ unusable }) => Object.entries(unusable).map(unusableOf))] : [];
}
