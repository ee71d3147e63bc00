// How likely a condition is after one sign: a panel next to the findings of an exam, closed at first. A person states how likely it is before.

import { ask } from "/web/api.js";
import { numberOf, percentOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { named } from "/web/parts/stated.js";
import { markOf, VERDICTS } from "/web/views/words.js";

const SVG = "http://www.w3.org/2000/svg";
const STEPS = [-10, -1, 1, 10]; // percent
const SCALE = { left: 12, width: 376, middle: 20 }; // of the bar, in units of its picture
const panel = document.getElementById("post-test");

let path = ""; // of the exam
let signs = []; // as the exam states them
let requested = 0; // an answer to what was asked before is not shown

const quoted = (text) => el("span", { class: "quoted", lang: "en", dir: "ltr", text }); // the words of a source
const choice = (name, value, ...shown) => el("label", { class: "choice" }, el("input", { type: "radio", name, value, required: true }), el("span", {}, ...shown));
const question = (id, key, more = "") => el("fieldset", { class: `question ${more}`, id }, el("legend", { text: t(key) }));
const answers = () => Object.entries(VERDICTS).map(([value, key]) => choice("answer", value, t(key)));

// A rounded probability is never a certainty.
function shownOf(probability, percent) {
  if (probability < 0.01) return t("post.less_than", { percent: percentOf(1) });
  return probability > 0.99 ? t("post.more_than", { percent: percentOf(99) }) : percentOf(percent);
}

function intervalOf(low, high) {
  if (low === null && high === null) return t("post.no_interval");
  if (high === null) return t("post.at_least", { low });
  return low === null ? t("post.at_most", { high }) : t("post.between", { low, high });
}

const sentenceOf = ({ sign, before, after, low, high, ...found }) => t("post.change", {
  condition: named(sign.condition),
  before: shownOf(before, found.before_percent),
  after: shownOf(after, found.after_percent),
  interval: intervalOf(low && shownOf(low, found.low_percent), high && shownOf(high, found.high_percent)),
});

function draw(parent, tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent.append(made);
  return made;
}

function barOf({ before, after, low, high }) {
  const { left, width, middle } = SCALE;
  const at = (probability) => left + width * probability;
  const known = low !== null || high !== null;
  const figure = el("figure", { class: "odds" });
  const bar = draw(figure, "svg", { viewBox: "0 0 400 40", "aria-hidden": "true" });
  if (known) draw(bar, "rect", { class: "interval", x: at(low ?? 0), width: width * ((high ?? 1) - (low ?? 0)), y: middle - 10, height: 20, rx: 4 });
  draw(bar, "path", { class: "axis", d: `M${left} ${middle} h${width} M${left} 10 v20 M${left + width} 10 v20` });
  draw(bar, "path", { class: "way", d: `M${at(before)} ${middle} H${at(after)}` });
  draw(bar, "circle", { class: "before", cx: at(before), cy: middle, r: 7 });
  draw(bar, "circle", { class: "after", cx: at(after), cy: middle, r: 9 });
  figure.append(
    el("div", { class: "ends", dir: "ltr" }, el("span", { text: percentOf(0) }), el("span", { text: percentOf(100) })),
    el("figcaption", {}, t("post.legend"), el("br"), known && t("post.band")));
  return figure;
}

const fact = (key, ...content) => el("div", {}, el("dt", { text: t(key) }), el("dd", {}, ...content));

function detailsOf(found) {
  const { sign: { population, machine, source }, ratio: { value, low, high }, own, whose, machine_mark: mark } = found;
  const figures = own ? [fact("post.whose", quoted(whose))]
    : [fact("post.whose", t("post.not_own")), fact("post.population", quoted(population)), fact("post.machine", quoted(machine)), fact("post.source", quoted(source))];
  return [
    barOf(found),
    el("dl", { class: "figures" }, fact("post.ratio", t("post.ratio_value", { value, interval: intervalOf(low, high) })), ...figures),
    mark && el("p", { class: "problem", text: markOf(mark) }),
    el("p", { text: t("post.alone") }),
    el("p", { class: "notice", text: t("notice") }),
  ].filter(Boolean);
}

// The parts that change: `rows` and `answer` belong to the form, `heard` is what a screen reader speaks, `details` are read at leisure.
const rows = question("post-signs", "post.sign", "wide");
const answer = question("post-answer", "post.is_there");
const heard = el("div", { role: "status" });
const details = el("div");
const number = el("input", { id: "post-before", name: "before", type: "number", step: "any", inputmode: "decimal", autocomplete: "off", required: true });

function clear() {
  requested += 1;
  heard.replaceChildren();
  details.replaceChildren();
}

const chosen = (form, name) => new FormData(form).get(name);
const legendOf = (fieldset) => fieldset.querySelector("legend");

function showRows(form) {
  const fitting = signs.filter(({ condition }) => condition === chosen(form, "condition"));
  rows.replaceChildren(legendOf(rows), ...fitting.map(({ id, sign, population }) => choice("sign", id, el("strong", { text: named(sign) }), quoted(population))));
  rows.hidden = !fitting.length;
}

function showAnswer(form) {
  const row = signs.find(({ id }) => id === chosen(form, "sign"));
  answer.hidden = !row;
  if (!row) answer.replaceChildren(legendOf(answer));
  else answer.replaceChildren(legendOf(answer), ...(row.stated ? [el("p", { text: t("post.of_exam", { answer: t(VERDICTS[row.stated]) }) })] : answers()));
}

// A step that leaves the range does nothing; without a number, a step up begins at zero.
function step(by) {
  const next = Number(number.value) + by;
  if (next > 0) number.value = Math.min(99, next);
  clear();
}

async function calculate(form) {
  clear();
  const mine = requested;
  const { before, ...given } = Object.fromEntries(new FormData(form));
  delete given.condition;
  const query = new URLSearchParams({ ...given, before: Number(before) / 100 });
  let shown = null;
  try {
    const found = await ask("GET", `${path}/post-test?${query}`);
    shown = [[el("p", { class: "percent", text: shownOf(found.after, found.after_percent) }), el("p", { class: "outcome", text: sentenceOf(found) })], detailsOf(found)];
  } catch (problem) {
    shown = [[el("p", { class: "problem", text: problem.message })], []];
  }
  if (mine !== requested) return;
  heard.replaceChildren(...shown[0]);
  details.replaceChildren(...shown[1]);
}

function formOf() {
  const conditions = [...new Set(signs.map(({ condition }) => condition))];
  const form = el("form", {
    onsubmit: (event) => { event.preventDefault(); calculate(form); },
    oninput: ({ target: { name } }) => {
      if (name === "condition") showRows(form);
      if (name === "condition" || name === "sign") showAnswer(form);
      clear();
    },
  },
  el("fieldset", { class: "question" }, el("legend", { text: t("post.condition") }), ...conditions.map((each) => choice("condition", each, named(each)))),
  rows,
  answer,
  el("div", { class: "field" }, el("label", { for: number.id, text: t("post.before") }),
    el("div", { class: "stepped", role: "group", "aria-label": t("post.before"), dir: "ltr" },
      ...STEPS.map((by) => el("button", { type: "button", text: `${by < 0 ? "\u2212" : "+"}${numberOf(Math.abs(by))}`, onclick: () => step(by) })), number)),
  el("button", { class: "primary", text: t("post.calculate") }));
  showRows(form);
  showAnswer(form);
  return form;
}

// What a person decides on a finding can change what the exam states of a sign: then the result is no longer that of the exam.
async function refresh(body) {
  const now = await ask("GET", `${path}/signs`).catch((problem) => problem);
  if (now instanceof Error) {
    signs = [];
    body.replaceChildren(el("p", { class: "problem", text: now.message }));
  } else if (JSON.stringify(now) !== JSON.stringify(signs)) {
    const form = signs.length ? body.querySelector("form") : null;
    signs = now;
    clear();
    if (form) showAnswer(form);
    else body.replaceChildren(el("p", { text: t("post.text") }), formOf(), heard, details);
  }
}

function made() {
  const body = el("div");
  const opened = el("details", { ontoggle: () => { if (opened.open) refresh(body); } }, el("summary", { text: t("post.title") }), body);
  return opened;
}

// Nothing is shown of an exam whose findings are hidden from this person.
export function showPostTest(exam, of) {
  path = of;
  panel.hidden = !exam.shown;
  if (!exam.shown) {
    panel.replaceChildren();
    signs = [];
    clear();
  } else if (!panel.firstChild) panel.append(made());
  else if (panel.firstChild.open) refresh(panel.firstChild.lastChild);
}
