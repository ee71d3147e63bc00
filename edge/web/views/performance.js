// How well the model does in the exams of this site: for each finding the counts, two shares with their intervals, and a reliability diagram.

import { ask } from "/web/api.js";
import { momentOf, numberOf, percentOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { table, text } from "/web/views/device_parts.js";
import { conditionOf } from "/web/views/outcome.js";
import { barOf, diagramOf } from "/web/views/performance_drawn.js";
import { findingOf } from "/web/views/words.js";

const LOOK_MS = 2000; // while figures are computed
const EVERY = "*";
const BY = {
  zone: "course.zone",
  reader: "performance.reader",
  operator: "performance.operator",
  machine: "performance.machine",
  quality: "performance.quality",
  age: "performance.age",
  sex: "patient.sex",
  release: "performance.release",
  reference: "outcome.reference",
};
const VALUES = {
  qualified: "performance.qualified",
  "not qualified": "performance.not_qualified",
  blind: "performance.blind",
  "saw the answer": "performance.saw",
  unknown: "performance.unknown",
  several: "performance.several",
  female: "sex.female",
  male: "sex.male",
  other: "sex.other",
  ct: "reference.ct",
  laboratory: "reference.laboratory",
  panel: "reference.panel",
  "x-ray": "reference.xray",
  "over-read": "reference.over_read",
  "follow-up": "reference.follow_up",
};
const LEFT = { unnamed: "performance.unnamed", contradicted: "performance.contradicted", open: "performance.open", "no sign": "performance.no_sign" };
const WHY = { few: "performance.few", "one-class": "performance.one_class" };
const panel = document.getElementById("performance");
const chosen = { protocol: null, by: "" };
let answered = null; // the newest answer
let timer = null;
let stateProblem = () => {};

const countOf = (count, least) => (count === null ? t("feedback.fewer", { least: numberOf(least) }) : numberOf(count));
const whole = (share) => percentOf(Math.round(100 * share));
const whyOf = ({ why }, least) => t(WHY[why] ?? "performance.no_figure", { number: numberOf(least) });
const valueOf = (value) => (value in VALUES ? t(VALUES[value]) : value);

function shareOf(name, share, least) {
  if ("why" in share) return el("div", { class: "share" }, el("span", { text: name }), el("span", { class: "foot", text: whyOf(share, least) }));
  const { value, low, high, patients } = share;
  const figure = t("performance.figure", { value: whole(value), low: whole(low), high: whole(high), number: numberOf(patients) });
  return el("div", { class: "share" }, el("span", { text: name }), barOf(share), el("strong", { text: figure }));
}

const sharesOf = ({ sensitivity, specificity }, least) => [shareOf(t("performance.sensitivity"), sensitivity, least), shareOf(t("performance.specificity"), specificity, least)];

function matrixOf({ counts }, least) {
  if (!counts) return [text(t("performance.few", { number: numberOf(least) }))];
  const row = (name, one, other) => [t(name), countOf(one, least), countOf(other, least)];
  const rows = [row("performance.said_present", counts.true_present, counts.false_present), row("performance.said_absent", counts.false_absent, counts.true_absent)];
  return [
    table(["performance.model", "performance.there", "performance.not_there"].map((key) => t(key)), rows),
    text(t("performance.unanswered", { number: countOf(counts.unanswered, least) }), "foot"),
  ];
}

function scoreOf(key, score, shown, least) {
  if ("why" in score) return text(t(key, { figure: whyOf(score, least) }));
  const { value, low, high, patients } = score;
  return text(t(key, { figure: t("performance.figure", { value: shown(value), low: shown(low), high: shown(high), number: numberOf(patients) }) }));
}

function reliabilityOf({ scores }, name, least) {
  const points = scores.reliability.filter(({ share }) => !("why" in share));
  if (!points.length) return [];
  const rows = points.map(({ probability, share }) => [whole(probability), t("performance.figure", { value: whole(share.value), low: whole(share.low), high: whole(share.high), number: numberOf(share.patients) })]);
  return [
    el("h4", { text: t("performance.reliability") }),
    text(t("performance.reliability_about"), "foot"),
    diagramOf(points, t("performance.diagram", { finding: name }), t("performance.probability"), t("performance.share")),
    el("details", {}, el("summary", { text: t("performance.table") }), table([t("performance.probability"), t("performance.share")], rows)),
    scoreOf("performance.auc", scores.auc, (value) => numberOf(value, 2), least),
    scoreOf("performance.ece", scores.ece, whole, least),
    scoreOf("performance.brier", scores.brier, (value) => numberOf(value, 2), least),
  ];
}

function judgedOf(each, least) {
  const finding = findingOf({ key: each.finding });
  const name = each.kind === "zone" ? t("performance.zones", { finding }) : t("performance.exams", { finding, condition: conditionOf(each.condition) });
  const strata = each.strata[chosen.by];
  const inside = strata
    ? strata.flatMap(({ value, shares }) => [el("h4", {}, el("bdi", { text: valueOf(value) })), ...sharesOf(shares, least)])
    : [...sharesOf(each.shares, least), ...matrixOf(each.shares, least), ...reliabilityOf(each, name, least)];
  return el("article", { "data-judged": `${each.kind} ${each.finding}` }, el("h3", { text: name }), ...inside);
}

function choice(id, label, options, value, choose) {
  const change = ({ target }) => {
    choose(target.value);
    show();
    document.getElementById(id).focus();
  };
  return el("label", { class: "choice" }, el("span", { text: label }), el("select", { id, onchange: change }, ...options.map(([each, name]) => el("option", { value: each, text: name, selected: each === value }))));
}

function groupOf({ groups, least, level }) {
  const group = groups.find(({ protocol }) => protocol === chosen.protocol) ?? groups[0];
  if (!group) return [text(t("performance.no_cases"))];
  const by = [...new Set(group.judged.flatMap(({ strata }) => Object.keys(strata)))].sort((one, other) => Object.keys(BY).indexOf(one) - Object.keys(BY).indexOf(other));
  const protocols = groups.map(({ protocol }) => [protocol, protocol === EVERY ? t("performance.every") : protocol]);
  return [
    groups.length > 1 && choice("performance-protocol", t("performance.protocol"), protocols, group.protocol, (value) => { chosen.protocol = value; }),
    by.length > 0 && choice("performance-by", t("performance.by"), [["", t("performance.together")], ...by.map((each) => [each, t(BY[each])])], chosen.by, (value) => { chosen.by = value; }),
    group.judged.length === 0 && text(t("performance.no_cases")),
    group.judged.length > 0 && el("div", { class: "judged" }, ...group.judged.map((each) => judgedOf(each, least))),
    ...Object.entries(group.left).map(([why, count]) => text(t(LEFT[why], { number: countOf(count, least) }), "foot")),
    text(t("performance.exam_count", { number: countOf(group.exams, least) }), "foot"),
    text(t("performance.level", { level: numberOf(level) }), "foot"),
    text(t("performance.whose"), "foot"),
  ];
}

function workOf({ running, done, of, failed, figures }) {
  if (running) return t("performance.running", { done: numberOf(done), of: numberOf(of) });
  if (failed) return t("performance.failed");
  return figures ? t("performance.computed", { at: momentOf(figures.at) }) : t("performance.none");
}

function show() {
  const { figures, running, done, of } = answered;
  const button = el("button", { type: "button", id: "compute", text: t(figures ? "performance.again" : "performance.compute"), onclick: compute, "aria-disabled": running && "true" });
  if (!running) button.removeAttribute("aria-disabled");
  const focused = document.activeElement?.id === "compute";
  panel.replaceChildren(...[
    text(t("performance.about")),
    el("p", { role: "status", text: workOf(answered) }),
    running && el("progress", { max: String(of || 1), value: String(done), "aria-label": workOf(answered) }),
    el("div", { class: "controls" }, button),
    ...(figures ? groupOf(figures) : []),
    el("p", { class: "notice", text: t("notice") }),
  ].filter(Boolean));
  if (focused) document.getElementById("compute").focus();
}

async function answer(method) {
  clearTimeout(timer);
  try {
    answered = await ask(method, "performance");
    stateProblem("");
    show();
  } catch (problem) {
    stateProblem(problem.message);
  }
  timer = answered?.running ? setTimeout(() => answer("GET"), LOOK_MS) : null;
}

const compute = () => (answered.running ? null : answer("POST"));

// Shows the figures to a person who is allowed to read exams; `state` receives what went wrong.
export function showPerformance(state) {
  stateProblem = state;
  return answer("GET");
}

// Shows something else in their place.
export function hidePerformance(content) {
  clearTimeout(timer);
  answered = null;
  panel.replaceChildren(...content);
}
