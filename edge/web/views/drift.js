// Whether the model still sees what it saw in its reference: the verdict, what differs, a small chart, and what people decide.

import { ask } from "/web/api.js";
import { dayOf, momentOf, numberOf, percentOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { askForm } from "/web/parts/form.js";
import { actorOf } from "/web/parts/stated.js";
import { holds } from "/web/session.js";
import { list, text } from "/web/views/device_parts.js";
import { chartOf, signOf } from "/web/views/drift_drawn.js";
import { findingOf } from "/web/views/words.js";

const LOOK_MS = 3000; // while the watch is computed
const STATES = { collecting: "drift.collecting", "no-reference": "drift.no_reference", steady: "drift.steady", watch: "drift.watch", stop: "drift.stop" };
const MEANS = { "no-reference": "drift.no_reference_text", steady: "drift.steady_text", watch: "drift.watch_text", stop: "drift.stop_text" };
const WAYS = { higher: "drift.higher", lower: "drift.lower", spread: "drift.spread", unlike: "drift.unlike" };
const LINES = { higher: "drift.line_higher", lower: "drift.line_lower", spread: "drift.line_spread", unlike: "drift.line_unlike" };
const EVENTS = { stopped: "drift.event_stopped", "new-reference": "drift.event_new_reference", "watch-again": "drift.event_watch_again" };
const CHANNELS = {
  quality: "drift.quality",
  good: "drift.good",
  novelty: "drift.novelty",
  bright: "drift.bright",
  saturated: "drift.saturated",
  contact: "drift.contact",
  haze: "drift.haze",
  dark_line: "drift.dark_line",
  sharpness: "drift.sharpness",
  foreign: "drift.foreign",
  text: "drift.text",
  motion: "drift.motion",
  depth_mm: "drift.depth",
  gain_db: "drift.gain",
  features: "drift.features",
};
const panel = document.getElementById("drift");
let answered = null; // the newest answer
let decides = false;
let timer = null;
let stateProblem = () => {};

const whole = (share) => percentOf(Math.round(100 * share));

function channelOf(channel) {
  if (channel.startsWith("finding:")) return t("drift.probability", { finding: findingOf({ key: channel.slice(8) }) });
  if (channel.startsWith("machine:")) return t("drift.machine", { machine: channel.slice(8) });
  return channel in CHANNELS ? t(CHANNELS[channel]) : channel;
}

const sentenceOf = ({ channel, way, share, since_at: since }) => t(WAYS[way], { channel: channelOf(channel), day: dayOf(since), share: whole(share) });

function meaningOf({ state, abstains, watch }) {
  if (state === "collecting") return t("drift.collecting_text", { done: numberOf(watch.reference.exams), of: numberOf(watch.reference.wanted) });
  return t(state === "stop" && abstains ? "drift.abstains_text" : MEANS[state] ?? "drift.none_text");
}

function verdictOf(drift) {
  const { state, evidence, events } = drift;
  const since = state === "stop" ? events.find(({ act }) => act === "stopped")?.at : evidence[0]?.since_at;
  return el("div", { class: `verdict drift ${state ?? "none"}`, role: "status" },
    el("strong", {}, signOf(state), el("span", { text: t(STATES[state] ?? "drift.none") })),
    el("span", { text: meaningOf(drift) }),
    since && el("span", { text: t("drift.since", { day: dayOf(since) }) }));
}

function watchOf({ reference, exams, ended, same_stay: stay, unusable, at }) {
  return [
    reference.begun && text(t("drift.reference", { number: numberOf(reference.exams), begun: dayOf(reference.begun), ended: dayOf(reference.ended) }), "foot"),
    reference.renewed && text(t("drift.renewed"), "foot"),
    exams > 0 && text(t("drift.watched", { number: numberOf(exams), day: dayOf(ended) }), "foot"),
    stay > 0 && text(t("drift.same_stay", { number: numberOf(stay) }), "foot"),
    unusable > 0 && text(t("drift.unusable", { number: numberOf(unusable) }), "foot"),
    text(t("feedback.simulated"), "foot"),
    text(t("performance.computed", { at: momentOf(at) }), "foot"),
  ].filter(Boolean);
}

function picture({ at_exams: at, lines }) {
  if (at.length < 2 || !lines.length) return [];
  const named = lines.map((line) => ({ ...line, name: t(LINES[line.way], { channel: channelOf(line.channel) }) }));
  const words = { watch: t("drift.watch"), stop: t("drift.stop"), exams: t("drift.exams") };
  return [el("h3", { text: t("drift.chart_title") }), chartOf(at, named, words, t("drift.chart"), whole)];
}

const eventOf = ({ act, at, by, reason }) => el("li", {},
  el("strong", { text: t(EVENTS[act]) }),
  el("span", { text: t("drift.event", { at: momentOf(at), by: actorOf(by) }) }),
  reason && el("span", { dir: "auto", text: reason }));

const askDecision = ({ release, about }, decision, title, explained) => askForm({
  title,
  text: explained,
  fields: [{ name: "reason", label: t("drift.reason"), rows: 3, maxlength: "500", dir: "auto" }],
  button: t("drift.decide_button"),
  act: ({ reason }) => ask("POST", "drift/decisions", { decision, reason, release, exam_id: about }),
});

function decisionOf(drift) {
  if (!drift.about) return [];
  if (!decides) return [el("h3", { text: t("drift.decide") }), text(t("drift.who_decides"))];
  const button = (decision, title, explained) => el("button", { type: "button", id: decision, text: title, onclick: () => decide(decision, title, explained) });
  return [
    el("h3", { text: t("drift.decide") }),
    text(t("drift.decide_text")),
    el("div", { class: "controls" },
      button("watch-again", t("drift.watch_again"), t("drift.watch_again_text")),
      button("new-reference", t("drift.new_reference"), t("drift.new_reference_text"))),
  ];
}

async function decide(decision, title, explained) {
  const found = await askDecision(answered, decision, title, explained);
  if (found) await answer();
}

function show() {
  const { evidence, watch, events, running, done, of, failed, release } = answered;
  const focused = document.activeElement?.id;
  panel.replaceChildren(...[
    text(t("drift.about")),
    verdictOf(answered),
    running && text(t("performance.running", { done: numberOf(done), of: numberOf(of) }), "foot"),
    failed && text(t("drift.failed"), "problem"),
    evidence.length > 0 && el("h3", { text: t("drift.evidence") }),
    evidence.length > 0 && list(evidence.map((each) => el("li", {}, el("span", { text: sentenceOf(each) })))),
    ...(watch?.unmeasured ?? []).map((channel) => text(t("drift.unmeasured", { channel: channelOf(channel) }), "problem")),
    ...decisionOf(answered),
    ...(watch ? picture(watch) : []),
    events.length > 0 && el("h3", { text: t("drift.events") }),
    events.length > 0 && list(events.map(eventOf)),
    text(t("drift.release", { release }), "foot"),
    ...(watch ? watchOf(watch) : []),
    el("p", { class: "notice", text: t("notice") }),
  ].filter(Boolean));
  if (["watch-again", "new-reference"].includes(focused)) document.getElementById(focused)?.focus();
}

async function answer() {
  clearTimeout(timer);
  try {
    answered = await ask("GET", "drift");
    stateProblem("");
    show();
  } catch (problem) {
    stateProblem(problem.message);
  }
  timer = answered?.running ? setTimeout(answer, LOOK_MS) : null;
}

// Shows the verdict to a person who is allowed to read exams; `state` receives what went wrong.
export function showDrift(session, state) {
  stateProblem = state;
  decides = holds(session, "over-read", "admin");
  return answer();
}

// Shows something else in its place.
export function hideDrift(content) {
  clearTimeout(timer);
  answered = null;
  panel.replaceChildren(...content);
}
