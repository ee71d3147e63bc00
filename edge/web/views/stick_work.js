// The work with a stick in words: how far it is, or how it ended.

import { momentOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { actorOf, statedBoth } from "/web/parts/stated.js";
import { grouped } from "/web/views/stick_choice.js";

const line = (text, kind = "") => el("p", { class: kind, dir: "auto", text });
const reasons = (texts) => texts.map((text) => el("span", { lang: "en", dir: "ltr", text }));
const listed = (title, lines) => el("details", {}, el("summary", { class: "done", text: title }), el("ul", { class: "lines" }, ...lines));
const counted = (count, key) => count > 0 && line(t(key, { count }), "done");

function running({ kind, receiver, stick, share, done, count }, cancel) {
  const what = kind === "export" ? t("stick.writing", { receiver, stick }) : t("stick.reading", { stick });
  const bar = el("progress", { max: "1", "aria-label": what, ...(count ? { value: `${share}` } : {}) });
  const ends = { type: "button", "data-key": "cancel", "aria-disabled": String(!cancel), text: t(cancel ? "stick.cancel" : "stick.ends"), onclick: ({ target }) => target.ariaDisabled !== "true" && cancel?.() };
  return [line(what, "done"), bar, count > 0 && line(t("stick.progress", { done, all: count })), el("div", { class: "controls" }, el("button", ends))];
}

const lackingOf = ([exam, lacks]) => el("li", { "data-key": exam }, el("a", { href: `/exam?id=${encodeURIComponent(exam)}`, text: t("stick.open_exam") }), ...reasons(lacks));

function written({ bundle, written: now, there, missing }, { receiver, fingerprint }) {
  const lacking = Object.entries(missing);
  return [
    line(t("stick.written", { count: now.length }), "done"),
    counted(there.length, "stick.there"),
    line(t("stick.for", { receiver, fingerprint: grouped(fingerprint) })),
    line(t("stick.folder", { folder: bundle })),
    line(t("stick.pull")),
    lacking.length > 0 && listed(t("stick.incomplete", { count: lacking.length }), lacking.map(lackingOf)),
  ];
}

function received({ added, there, refused }) {
  const why = Object.entries(refused);
  return [
    line(t("stick.added", { count: added.length }), "done"),
    counted(there.length, "stick.recorded"),
    why.length > 0 && listed(t("stick.refused", { count: why.length }), why.map(([review, text]) => el("li", { "data-key": review }, ...reasons([text])))),
  ];
}

function stopped({ cancelled, problem, fix, says, done, count }) {
  return [
    cancelled ? line(t("stick.cancelled"), "done") : line(statedBoth(problem, fix, says), "problem"),
    count > 0 && line(t("stick.progress", { done, all: count })),
  ];
}

function stateOf({ ended_at: ended, problem, written: exams, received: reviews }) {
  if (ended === null) return "runs";
  if (problem) return "failed";
  const lacks = Object.keys(exams?.missing ?? reviews?.refused ?? {}).length > 0;
  return (exams || reviews) && !lacks ? "whole" : "incomplete";
}

// `cancel` is null where a person has asked for it already.
export function workOf(work, cancel) {
  const ended = work.ended_at !== null;
  const result = work.written ? written(work.written, work) : work.received ? received(work.received) : stopped(work);
  const body = ended ? [...result, line(t("stick.by", { by: actorOf(work.by), when: momentOf(work.ended_at) }), "foot")] : running(work, cancel);
  return el("div", { class: "work", "data-key": `work ${ended}`, role: "status", "data-state": stateOf(work) }, ...body.filter(Boolean));
}
