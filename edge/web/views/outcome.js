// What the patient of an exam turned out to have: each outcome with its reference, what holds, and the form that records one.

import { ask, now } from "/web/api.js";
import { dayOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { askForm } from "/web/parts/form.js";
import { actorOf } from "/web/parts/stated.js";
import { holds } from "/web/session.js";

const CONDITIONS = {
  "acute-heart-failure": "condition.acute_heart_failure",
  pneumonia: "condition.pneumonia",
  "covid-19": "condition.covid_19",
  "interstitial-syndrome": "condition.interstitial_syndrome",
  "pleural-effusion": "condition.pleural_effusion",
  pneumothorax: "condition.pneumothorax",
};
const REFERENCES = {
  ct: "reference.ct",
  laboratory: "reference.laboratory",
  panel: "reference.panel",
  "x-ray": "reference.xray",
  "over-read": "reference.over_read",
  "follow-up": "reference.follow_up",
};
const ANSWERS = { true: "outcome.present", false: "outcome.absent", null: "outcome.not_told" };

export const conditionOf = (id) => (id in CONDITIONS ? t(CONDITIONS[id]) : id);
export const referenceOf = (id) => (id in REFERENCES ? t(REFERENCES[id]) : id);
const answerOf = (present) => t(ANSWERS[present]);
const dayIn = (date) => dayOf(`${date}T12:00:00`);
const records = (session) => holds(session, "scan", "interpret");
const today = () => new Date(now() - new Date(now()).getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

// The outcomes of an exam with the known conditions; null where they are not shown to this person.
export async function outcomesOf(path) {
  const [found, known] = await Promise.all([ask("GET", `${path}/outcomes`), ask("GET", "conditions")]);
  return { ...found, known };
}

const askOutcome = (path, { id, references }) => askForm({
  title: t("outcome.record", { condition: conditionOf(id) }),
  fields: [
    { name: "present", label: t("outcome.answer"), options: Object.entries(ANSWERS).map(([value, key]) => [value, t(key)]) },
    { name: "reference", label: t("outcome.reference"), options: Object.entries(references).sort(([, a], [, b]) => b - a).map(([each]) => [each, referenceOf(each)]) },
    { name: "on", type: "date", label: t("outcome.day"), value: today(), max: today() },
    { name: "note", label: t("outcome.note"), required: false, maxlength: "500", dir: "auto", autocomplete: "off" },
  ],
  button: t("outcome.button"),
  act: ({ present, reference, on, note }) => ask("POST", `${path}/outcomes`, { condition: id, present: JSON.parse(present), reference, on, note }),
});

const askWithdrawal = ({ id }) => askForm({
  title: t("outcome.withdraw_title"),
  fields: [{ name: "why", label: t("outcome.why"), maxlength: "500", dir: "auto" }],
  button: t("outcome.withdraw"),
  act: ({ why }) => ask("POST", `outcomes/${encodeURIComponent(id)}/withdraw`, { why }),
});

const WHY = { "not told": "outcome.open_not_told", differ: "outcome.open_differ" };
const truthOf = ({ condition, present, why, reference }) => el("li", { "data-condition": condition },
  el("strong", { text: conditionOf(condition) }),
  el("span", { class: "word", text: present === null ? t(WHY[why]) : t("outcome.holds", { answer: answerOf(present), reference: referenceOf(reference) }) }));

function lineOf(outcome, session, doing) {
  const { id, condition, present, reference, on, note, recorded_by: by, withdrawn_at: gone, withdrawn_by: withdrawer, why } = outcome;
  return el("li", { "data-withdrawn": String(Boolean(gone)) },
    el("span", { class: "stated", text: t("outcome.line", { condition: conditionOf(condition), answer: answerOf(present), reference: referenceOf(reference), day: dayIn(on) }) }),
    note && el("span", { dir: "auto", text: note }),
    el("span", { text: t("outcome.by", { by: actorOf(by) }) }),
    gone && el("span", { class: "problem", dir: "auto", text: t("outcome.withdrawn", { by: actorOf(withdrawer), why }) }),
    !gone && records(session) && el("div", { class: "controls" }, el("button", { type: "button", id: `withdraw-${id}`, text: t("outcome.withdraw"), onclick: () => doing(() => askWithdrawal(outcome)) })));
}

// `doing(act)` does something for a person and shows the exam again.
export function outcomeOf({ outcomes: { outcomes, truths, known }, path, session, act: doing }) {
  const choose = (each) => el("button", { type: "button", id: `outcome-${each.id}`, text: conditionOf(each.id), onclick: () => doing(() => askOutcome(path, each)) });
  return [
    el("h2", { text: t("outcome.title") }),
    !outcomes.length && el("p", { text: t("outcome.none") }),
    truths.length > 0 && el("ul", { class: "lines truths" }, ...truths.map(truthOf)),
    el("ul", { class: "lines", id: "outcomes" }, ...outcomes.map((each) => lineOf(each, session, doing))),
    records(session) && el("p", { id: "outcome-choose", text: t("outcome.choose") }),
    records(session) && el("div", { class: "controls", role: "group", "aria-labelledby": "outcome-choose" }, ...known.map(choose)),
  ];
}
