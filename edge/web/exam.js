// The exam: a map of the chest with every zone's state, and what can be done with it. A zone that is not examined says so.

import { ask, PAGE } from "/web/api.js";
import { numberOf, percentOf, t } from "/web/i18n.js";
import { setText } from "/web/panel.js";
import { add, el } from "/web/parts/dom.js";
import { confirmed } from "/web/parts/form.js";
import { problemsAt } from "/web/parts/problem.js";
import { named, stated, statedBoth } from "/web/parts/stated.js";
import { findingOf, markOf, VERDICTS, ZONES } from "/web/views/words.js";
import { beginWithOrder } from "/web/views/worklist.js";

const SVG = "http://www.w3.org/2000/svg";
const VIEWS = [
  { view: "front", sides: ["right", "left"], caption: "chest.front" },
  { view: "side", sides: ["right"], caption: "chest.right" },
  { view: "side", sides: ["left"], caption: "chest.left" },
  { view: "back", sides: ["right", "left"], caption: "chest.back" },
];
const OVERTAKEN_MS = 10_000; // the most that a message is late by; one that seems older comes after a restart
const MARKS = { done: "\u2713", skipped: "\u2013", "not examined": "" };
const OUTLINE = "M35 4 L65 4 L67 12 L90 20 L97 60 L92 96 L8 96 L3 60 L10 20 L33 12 Z"; // shoulders, flanks, waist

const element = (id) => document.getElementById(id);
const stateProblem = problemsAt(element("exam-problem"), element("skip-problem")); // also in the dialog, which covers the page
let exam = null;
let drawn = "";
let situation = ""; // of the zone; the problem of an act is shown until it changes

// Null where it was refused; the reason is shown.
async function request(method, path, body) {
  const cause = method === "GET" ? path : "act";
  try {
    const content = await ask(method, path, body);
    stateProblem(cause, "");
    return content;
  } catch (problem) {
    stateProblem(cause, problem.message);
    return null;
  }
}

export async function showCurrent() {
  const current = await request("GET", "exams/current");
  if (current) showExam(current);
}

async function act(zone, what, body) {
  const current = await request("POST", `exams/${exam.id}/zones/${encodeURIComponent(zone)}/${what}`, body);
  if (current) showExam(current);
  return current;
}

function node(tag, attributes, parent, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

const scoreOf = ({ score }) => score !== null && t("scan.score", { score });

function describe(zone) {
  const parts = [zone.id, named(zone.name), t(ZONES[zone.state]), stated(zone.reason, zone.says), scoreOf(zone)];
  return parts.filter(Boolean).join(", ");
}

function drawView({ view, caption }, zones) {
  const box = el("figure");
  const map = node("svg", { viewBox: "-4 0 108 100", role: "group", "aria-label": t(caption) }, box);
  node("path", { d: OUTLINE, class: "outline" }, map);
  if (view === "front") node("path", { d: "M50 14 L50 74", class: "bone" }, map);
  for (const zone of zones) {
    const state = zone.state.replace(" ", "-");
    const group = node("g", { class: `zone ${state}${zone.id === exam.selected ? " selected" : ""}`, "data-zone": zone.id, role: "button", tabindex: "0", "aria-label": describe(zone) }, map);
    node("circle", { cx: 100 * zone.x, cy: 100 * zone.y, r: 8.4 }, group);
    node("text", { x: 100 * zone.x, y: 100 * zone.y + 2.2 }, group, zone.id + MARKS[zone.state]);
    group.addEventListener("click", () => choose(zone));
    group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(zone); } });
  }
  add(box, "figcaption", t(caption));
  return box;
}

const isWatching = () => exam.running && exam.controlled_by !== "" && exam.controlled_by !== PAGE; // another tablet controls it
export const isTaking = () => exam.selected !== null && !isWatching();

async function choose(zone) {
  if (!exam.running || isWatching()) return;
  const again = { title: t("again.title", { zone: zone.id }), text: t(zone.state === "done" ? "again.done" : "again.skipped", { zone: zone.id }), button: t("again.button") };
  if (zone.state === "not examined") await act(zone.id, "select");
  else if (await confirmed(again)) await act(zone.id, "reopen");
}

function listZone(zone) {
  const parts = [
    t("scan.zone", { zone: zone.id, state: t(ZONES[zone.state]) }),
    zone.machine_mark && t("machine.mark", { mark: markOf(zone.machine_mark), machine: zone.machine }),
    stated(zone.reason, zone.says),
    zone.quality !== null && t("scan.quality", { points: zone.quality_points }),
    ...zone.findings.map((finding) => t("scan.finding", { name: findingOf(finding), percent: percentOf(finding.percent), word: t(VERDICTS[finding.stated]) })),
    scoreOf(zone),
    zone.recorded_anyway.length > 0 && t("scan.zone_anyway", { codes: zone.recorded_anyway.map(named).join(", ") }),
  ];
  return el("li", { class: zone.state.replace(" ", "-"), "data-zone": zone.id, text: parts.filter(Boolean).join("; ") });
}

function drawZones() {
  const maps = VIEWS.map((shown) => [shown, exam.zones.filter((zone) => zone.view === shown.view && shown.sides.includes(zone.side))]);
  element("chest").replaceChildren(...maps.filter(([, zones]) => zones.length).map(([shown, zones]) => drawView(shown, zones)));
  element("zones").replaceChildren(...exam.zones.map(listZone));
}

// An answer to a request and a message of the stream can overtake each other. After a restart the appliance's clock begins from zero.
const overtaken = (current) => exam !== null && current.as_of_ms < exam.as_of_ms && exam.as_of_ms - current.as_of_ms < OVERTAKEN_MS;

function titleOf({ simulated, machine_mark: mark, protocol_name: protocol, done, skipped, zones }) {
  const progress = t(skipped ? "scan.progress_skipped" : "scan.progress", { protocol: named(protocol), done, skipped, count: zones.length });
  return [simulated && t("scan.simulated"), mark && markOf(mark), progress].filter(Boolean).join(". ");
}

function captureOf({ running, done, selected: zone, keeping, must_lift: mustLift, held_s: held, seconds }) {
  if (!running) return t(done ? "scan.ended" : "scan.not_open");
  if (!zone) return t("scan.all_closed");
  if (keeping) return t("scan.keeping", { zone });
  return mustLift ? t("scan.lift", { zone }) : t("scan.held", { zone, held: numberOf(held, 1), seconds });
}

function sumOf({ zones, sum, sum_complete: complete, sum_says: says, sum_note: note }) {
  if (zones.every((zone) => zone.score === null)) return [];
  const total = stated(sum, says);
  return [complete ? t("scan.total", { sum: total }) : total, says?.code !== "NO_TOTAL" && named(note)];
}

const stateOf = (current) => [
  captureOf(current),
  current.standing && t("scan.standing", { standing: stated(current.standing, current.standing_says) }),
  ...sumOf(current),
  current.recorded_anyway > 0 && t("scan.recorded_anyway", { count: current.recorded_anyway }),
].filter(Boolean).join(". ");

export function showExam(current) {
  if (overtaken(current)) return;
  exam = current;
  const { running, zones, selected, held_s: held, must_lift: mustLift, keeping, gate } = exam;
  setText(element("exam-title"), titleOf(exam));
  setText(element("exam-state"), stateOf(exam));
  const watching = isWatching();
  for (const [id, shown] of [
    ["exam-begin", !running], ["exam-protocol", !running], ["exam-order", !running], ["exam-open", exam.id && !running], ["exam-watch", watching], ["exam-control", watching],
    ["exam-end", running && !watching], ["exam-keep", selected && !watching], ["exam-skip", selected && !watching],
    ["exam-anyway", ["asked", "refused"].includes(gate?.state) && !watching],
  ]) element(id).hidden = !shown;
  if (exam.id) element("exam-open").href = `/exam?id=${exam.id}`;
  const now = JSON.stringify([exam.id, selected, mustLift, keeping, gate?.state, held > 0, watching]);
  // A refusal in the open dialog stays until the next answer: the exam behind it goes on.
  if (exam.problem || (now !== situation && !element("skip").open)) stateProblem("act", exam.problem && statedBoth(exam.problem, exam.fix, exam.says));
  situation = now;
  const picture = JSON.stringify([zones, selected, running]);
  if (picture === drawn) return;
  drawn = picture;
  drawZones();
}

async function offerSkipReasons() {
  const reasons = await request("GET", "skip-reasons");
  element("skip-reasons").replaceChildren(...(reasons ?? []).map(({ reason, text, says }) => {
    const skip = async () => {
      if (await act(exam.selected, "skip", { reason, note: element("skip-note").value })) element("skip").close();
    };
    return el("button", { type: "button", text: stated(text, says), "data-reason": reason, onclick: skip });
  }));
}

export async function offerProtocols() {
  const protocols = await request("GET", "protocols");
  if (protocols) element("exam-protocol").replaceChildren(...protocols.map(({ id, name }) => new Option(named(name), id, id === exam?.protocol, id === exam?.protocol)));
}

element("exam-begin").addEventListener("click", async () => {
  if (await request("POST", "exams", { protocol: element("exam-protocol").value || null })) await showCurrent();
});
element("exam-order").addEventListener("click", async () => {
  if (await beginWithOrder(element("exam-protocol").value || null)) await showCurrent();
});
element("exam-end").addEventListener("click", async () => {
  const open = exam.zones.filter((zone) => zone.state === "not examined").length;
  const early = { title: t("end.title"), text: t("end.text", { count: open }), button: t("end.button") };
  if (open && !await confirmed(early)) return;
  if (await request("POST", `exams/${exam.id}/end`)) await showCurrent();
});
element("exam-control").addEventListener("click", async () => {
  const current = await request("POST", `exams/${exam.id}/control`);
  if (current) showExam(current);
});
element("exam-keep").addEventListener("click", () => act(exam.selected, "keep"));
element("exam-anyway").addEventListener("click", () => act(exam.selected, "record-anyway"));
element("exam-skip").addEventListener("click", async () => {
  await offerSkipReasons();
  stateProblem("act", "");
  element("skip").showModal();
});
element("skip-cancel").addEventListener("click", () => element("skip").close());
await showCurrent();
await offerProtocols();
