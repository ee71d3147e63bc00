// A review: the reader states each finding of each recorded zone without seeing what the model or others state, until it is saved.

import { ask } from "/web/api.js";
import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { actorOf, named } from "/web/parts/stated.js";
import { holds, reads } from "/web/session.js";
import { findingOf, needsReview } from "/web/views/words.js";

const ANSWERS = { present: "verdict.present", absent: "verdict.absent", "not assessable": "decision.not_assessable" };
const SCORES = [0, 1, 2, 3];

const FORM = "review-form"; // the questions lie next to the clips, and belong to this form
const questions = new Map(); // by the id of a review and the zone: what was entered stays while the exam around it changes
const forms = new Map(); // by the id of a review

const choice = (name, value, text) => el("label", { class: "choice" }, el("input", { type: "radio", form: FORM, name, value, required: true }), el("span", { text }));

const questionOf = (zone, key) => el("fieldset", { class: "question" },
  el("legend", { text: findingOf({ key }) }),
  ...Object.entries(ANSWERS).map(([value, text]) => choice(`${zone} ${key}`, value, t(text))));

function questionsOf(zone, keys) {
  const score = el("select", { form: FORM, name: `${zone} score` }, el("option", { value: "", text: t("review.no_score") }), ...SCORES.map((each) => el("option", { value: each, text: String(each) })));
  return el("div", { class: "questions", "data-review": zone }, ...keys.map((key) => questionOf(zone, key)), el("label", { class: "filter" }, el("span", { text: t("review.score") }), score));
}

const ownOf = (reviews) => reviews.find(({ saved_at: at }) => !at); // those of others are not served before they are saved

// The questions of a zone to the person who reviews; null where nothing is asked.
export function zoneReview(zone, reviews) {
  const own = ownOf(reviews);
  if (!own?.to_read[zone]) return null;
  const id = `${own.id} ${zone}`;
  if (!questions.has(id)) questions.set(id, questionsOf(zone, own.to_read[zone]));
  return questions.get(id);
}

function answerIn(form, { to_read: zones, quality_scale: { scale, version } }) {
  const given = new FormData(form);
  const zoneIn = ([zone, keys]) => {
    const findings = Object.fromEntries(keys.map((key) => [key, given.get(`${zone} ${key}`)]));
    const score = given.get(`${zone} score`);
    return [zone, { findings, score: score === "" ? null : Number(score) }];
  };
  return {
    zones: Object.fromEntries(Object.entries(zones).map(zoneIn)),
    quality: { scale, version, value: Number(given.get("quality")) },
    comment: given.get("comment"),
  };
}

function formOf(review, act) {
  const { points } = review.quality_scale;
  const form = el("form", {
    id: FORM,
    onsubmit: (event) => {
      event.preventDefault();
      act(() => ask("PUT", `reviews/${encodeURIComponent(review.id)}`, answerIn(form, review), { seen: review.version }));
    },
  },
  el("p", { text: review.blind ? t("review.blind") : t("review.open") }),
  el("fieldset", { class: "question wide" }, el("legend", { text: t("review.quality") }), ...Object.entries(points).map(([point, meaning]) => choice("quality", point, `${point}: ${named(meaning)}`))),
  el("label", { class: "field" }, el("span", { text: t("review.comment") }), el("input", { name: "comment", maxlength: "2000", autocomplete: "off" })),
  el("div", { class: "controls" }, el("button", { class: "primary", text: t("review.save") })));
  return form;
}

function savedOf({ reader, kind, answer, quality_scale: { points }, discordant }) {
  const differs = discordant.length ? t("review.differs", { where: discordant.join(", ") }) : t("review.agrees");
  return el("li", {}, el("strong", { text: t(kind === "first" ? "review.first" : "review.over_read", { reader }) }),
    el("span", { text: `${t("review.quality")}: ${answer.quality.value}, ${named(points[answer.quality.value])}` }), el("span", { text: differs }), answer.comment && el("span", { text: answer.comment }));
}

const waits = (exam, session, saved) => reads(session) && !saved.some(({ reader }) => reader === session.name) && (needsReview(exam) ? exam.state === "preliminary" : exam.state !== "draft" && holds(session, "over-read"));

// Null where nothing was reviewed and nobody here can.
export function reviewOf({ exam, reviews, path, session, act }) {
  const saved = reviews.filter(({ saved_at: at }) => at);
  const own = ownOf(reviews);
  if (own && !forms.has(own.id)) forms.set(own.id, formOf(own, act));
  const begin = !own && waits(exam, session, saved) && el("button", { id: "review-begin", type: "button", class: "primary", text: t("review.begin"), onclick: () => act(() => ask("POST", `${path}/reviews`, {})) });
  if (!own && !saved.length && !begin) return null;
  return el("div", {}, el("h2", { text: t("review.title") }), begin && needsReview(exam) && el("p", { text: t("review.needed", { operator: actorOf(exam.operator) }) }), begin && el("div", { class: "controls" }, begin),
    own && forms.get(own.id), el("ul", { class: "lines" }, ...saved.map(savedOf)));
}
