// One exam: whose it is, its clips with what the model states, what a person decides on it, and its reports.

import { ask } from "/web/api.js";
import { dateOf, t, timeOf } from "/web/i18n.js";
import "/web/nav.js";
import { el } from "/web/parts/dom.js";
import { filmOf } from "/web/parts/film.js";
import { problemsAt } from "/web/parts/problem.js";
import { actorOf, named, stated } from "/web/parts/stated.js";
import { watchSession } from "/web/session.js";
import { showCourse } from "/web/views/course.js";
import { decisionsOf, pending } from "/web/views/decisions.js";
import { askContext, askPatient, contextOf } from "/web/views/patient.js";
import { outcomeOf, outcomesOf } from "/web/views/outcome.js";
import { showPostTest } from "/web/views/post_test.js";
import { reviewOf, zoneReview } from "/web/views/review.js";
import { lookAgain, moves, sendingOf, sentOf } from "/web/views/sending.js";
import { signingOf } from "/web/views/signing.js";
import { stickAt } from "/web/views/stick.js";
import { isSigned, markOf, nameOf, stateOf, ZONES } from "/web/views/words.js";

const element = (id) => document.getElementById(id);
const stateProblem = problemsAt(element("problem"));
const id = new URLSearchParams(location.search).get("id") ?? "";
const path = `exams/${encodeURIComponent(id)}`;
const showStick = stickAt(element("stick"), { exams: [id] });
const films = new Map(); // by the id of the clip: a film that plays goes on while the text next to it changes
let shown = null; // { exam, clips, findings, reviews, reports, sent, protocol }

// Does something for a person, then shows the exam as it is now.
async function act(doing) {
  try {
    await doing();
    stateProblem("act", "");
  } catch (problem) {
    stateProblem("act", problem.message);
  }
  await refresh();
}

const fact = (name, ...content) => el("div", {}, el("dt", { text: name }), el("dd", {}, ...content));

function showFacts({ exam, protocol }) {
  const change = (text, doing) => el("button", { type: "button", text, onclick: () => act(doing) });
  element("simulated").hidden = !exam.simulated;
  element("facts").replaceChildren(...[
    el("h2", { text: nameOf(exam) }),
    el("p", { class: "state", "data-state": exam.state, text: stateOf(exam) }),
    el("dl", { class: "figures" },
      fact(t("exam.protocol"), named(protocol?.name ?? exam.protocol)),
      fact(t("exam.begun"), `${dateOf(exam.begun_at)}, ${timeOf(exam.begun_at)}`),
      fact(t("exam.operator"), actorOf(exam.operator)),
      fact(t("exam.sum"), exam.shown ? stated(exam.sum, exam.sum_says) || t("exam.no_sum") : t("exam.hidden")),
      exam.order.accession && fact(t("worklist.accession"), exam.order.accession),
      exam.order.admission_id && fact(t("worklist.admission"), exam.order.admission_id),
      ...contextOf(exam.context).map(([name, value]) => fact(name, value))),
    exam.emergency && el("p", { class: "problem", text: t("exam.emergency") }),
    exam.problem && el("p", { class: "problem", text: stated(exam.problem, exam.says) }),
    el("div", { class: "controls" },
      change(t("exam.state_patient"), () => askPatient(path, exam)),
      !isSigned(exam) && change(t("exam.state_context"), () => askContext(path, exam))),
  ].filter(Boolean));
}

function filmFor(clip, zone) {
  if (!films.has(clip.id)) films.set(clip.id, clip.file_state === "whole" ? filmOf(clip, t("exam.film_of", { zone })) : noFilmOf(clip));
  return films.get(clip.id);
}

function noFilmOf({ file, file_state: state }) {
  if (state === "removed") return el("p", { text: t("exam.film_removed") });
  return el("p", { class: "problem", text: t(file ? "exam.no_film" : "exam.film_never") });
}

function cardOf(zone) {
  const { exam, clips, findings, reviews } = shown;
  const questions = zoneReview(zone.id, reviews);
  const clip = clips.find((each) => each.zone === zone.id && !each.superseded_at);
  const own = findings.filter((each) => each.clip_id === clip?.id);
  const about = [
    zone.machine_mark && t("machine.mark", { mark: markOf(zone.machine_mark), machine: zone.machine }),
    stated(zone.reason, zone.says),
    zone.quality !== null && t("exam.quality", { points: zone.quality_points }),
    zone.recorded_anyway.length > 0 && t("exam.anyway", { codes: zone.recorded_anyway.map(named).join(", ") }),
    zone.score !== null && t("exam.score", { score: zone.score }),
  ];
  return el("section", { class: "zone-card", "data-zone": zone.id, "data-state": zone.state },
    el("h3", { text: `${zone.id} ${named(zone.name)}` }),
    el("p", { class: "word", text: t(ZONES[zone.state]) }),
    ...about.filter(Boolean).map((text) => el("p", { text })),
    clip && filmFor(clip, zone.id),
    ...(questions ? [questions] : decisionsOf(exam, own, act, session)));
}

function showSending(session) {
  element("sending").hidden = !shown.sent;
  element("sending").replaceChildren(...(shown.sent ? sendingOf({ ...shown, path, session, act }).filter(Boolean) : []));
}

function showOutcome(session) {
  element("outcome").hidden = !shown.outcomes;
  element("outcome").replaceChildren(...(shown.outcomes ? outcomeOf({ ...shown, path, session, act }).filter(Boolean) : []));
}

// The button that was used is drawn again: it keeps the focus.
function show(session) {
  const focused = document.activeElement?.id;
  showFacts(shown);
  element("zones").replaceChildren(...shown.exam.zones.map(cardOf));
  showPostTest(shown.exam, path);
  const review = reviewOf({ ...shown, path, session, act });
  element("review").replaceChildren(...(review ? [review] : []));
  element("review").hidden = !review;
  element("signing").replaceChildren(...signingOf({ ...shown, path, session, act }).filter(Boolean));
  showOutcome(session);
  showCourse(shown.exam);
  showSending(session);
  if (focused) document.getElementById(focused)?.focus();
}

const readable = (problem) => { if (problem.code === "exam-refused" || problem.code === "not-allowed") return []; throw problem; };
let session = null;

async function refresh() {
  try {
    const [exam, clips, findings, reports, reviews, sent, outcomes] = await Promise.all([
      ask("GET", path),
      ask("GET", `${path}/clips`),
      ask("GET", `${path}/findings`),
      ask("GET", `${path}/reports`).catch(readable),
      ask("GET", `${path}/reviews`).catch(readable),
      sentOf(path).catch(() => null),
      outcomesOf(path).catch(() => null),
    ]);
    const protocol = shown?.protocol ?? await ask("GET", `protocols/${encodeURIComponent(exam.protocol)}`).catch(() => null);
    shown = { exam, clips, findings, reports, reviews, sent, outcomes: exam.state === "draft" ? null : outcomes, protocol };
    show(session);
    if (exam.state !== "draft") await showStick(session);
    stateProblem("exam", "");
  } catch (problem) {
    stateProblem("exam", problem.message);
  }
}

// What is on its way changes by itself: only that part is drawn again.
async function lookAtSending() {
  if (!shown?.sent || !moves(shown.sent)) return;
  const sent = await sentOf(path, { alone: true }).catch(() => shown.sent);
  if (JSON.stringify(sent) === JSON.stringify(shown.sent)) return;
  const focused = document.activeElement?.id;
  shown = { ...shown, sent };
  showSending(session);
  if (focused) document.getElementById(focused)?.focus();
}

lookAgain(lookAtSending);
session = await watchSession((now) => { session = now; pending.clear(); refresh(); });
await refresh();
