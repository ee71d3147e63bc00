// The start page: the exam that is open, today's exams, what waits for a reader, and the appliance in one line.

import { ask, now, Problem } from "/web/api.js";
import { dayOf, t } from "/web/i18n.js";
import "/web/nav.js";
import { el } from "/web/parts/dom.js";
import { patch } from "/web/parts/patch.js";
import { problemsAt } from "/web/parts/problem.js";
import { actorOf, named } from "/web/parts/stated.js";
import { claimable, holds, reads, watchSession } from "/web/session.js";
import { lineOf, waitingOf } from "/web/views/exam_lines.js";
import { sourceLine } from "/web/views/source_words.js";

const EVERY_MS = 5000;
const PAGE = 50;
const MOST_WAITING = 10;
const LIVE = ["exams/current", "health", "source", "settings"]; // these requests do not keep a session alive: the page may repeat them

const element = (id) => document.getElementById(id);
const stateProblem = problemsAt(element("problem"));
let session = null;
let protocols = new Map();

const seesExams = (who) => who.kind === "unclaimed" || holds(who, "scan", "interpret", "over-read", "admin");
const text = (content, kind) => el("p", kind ? { class: kind, text: content } : { text: content });
const linkTo = (href, key) => el("div", { class: "controls" }, el("a", { class: "button", href, text: t(key) }));
const list = (lines) => el("ul", { class: "lines" }, ...lines);

function signIn() {
  const key = claimable(session) ? "session.set_up" : "session.sign_in";
  return [
    text(t("home.sign_in")),
    el("div", { class: "controls" }, el("button", { type: "button", "data-key": "sign in", text: t(key), onclick: () => element("person").click() })),
  ];
}

function zonesOf(done, skipped, zones) {
  const skips = skipped > 0 && t("home.skipped", { skipped });
  return [t("home.zones", { done, zones }), skips].filter(Boolean).join(". ");
}

const open = (exam, operator) => [
  text(named(exam.protocol_name), "sum"),
  text(zonesOf(exam.done, exam.skipped, exam.zones.length)),
  operator && text(t("home.by", { name: actorOf(operator) })),
  exam.simulated && text(t("exam.simulated"), "problem"),
  linkTo("/", "home.go_on"),
].filter(Boolean);

function appliance(health, source, { site }) {
  const state = health instanceof Problem ? health.message : t(health.state === "ok" ? "home.ready" : "home.degraded");
  const notices = health.notices > 0 && t("home.notices", { notices: health.notices });
  const line = [state, sourceLine(source), notices].filter(Boolean).join(". ");
  return [site && text(site, "sum"), text(line, health.state === "ok" ? "" : "problem"), linkTo("/device", "home.details")].filter(Boolean);
}

// Who takes the exam is not for everybody; a break-glass session sees only its own.
let operators = new Map();
async function operatorOf({ id, running }) {
  if (!running || session.kind === "nobody") return "";
  if (!operators.has(id)) operators.set(id, await ask("GET", `exams/${encodeURIComponent(id)}`, undefined, { alone: true }).then(({ operator }) => operator, () => ""));
  return operators.get(id);
}

async function readLive() {
  const [exam, health, source, settings] = await Promise.all(LIVE.map((path) => ask("GET", path, undefined, { alone: true }).catch((problem) => problem)));
  const lost = source instanceof Problem ? source.message : "";
  stateProblem("connection", lost);
  if (lost || exam instanceof Problem || settings instanceof Problem) return;
  patch(element("now"), exam.running ? open(exam, await operatorOf(exam)) : [text(t("home.no_exam"))]);
  patch(element("appliance"), appliance(health, source, settings));
}

// The newest first, until the first one of an earlier day.
async function examsOfToday() {
  const today = dayOf(now());
  const found = [];
  for (let cursor = ""; cursor !== null;) {
    const page = await ask("GET", `exams?limit=${PAGE}${cursor && `&cursor=${cursor}`}`, undefined, { alone: true });
    const ofToday = page.items.filter(({ begun_at: begun }) => dayOf(begun) === today);
    found.push(...ofToday);
    cursor = ofToday.length === page.items.length ? page.next : null;
  }
  return found;
}

function todayLine(exam) {
  const { name = exam.protocol, zones = 0 } = protocols.get(exam.protocol) ?? {};
  const complete = zones > 0 && t(exam.done === zones ? "home.complete" : "home.incomplete");
  return lineOf(exam, named(name), [complete, zones > 0 && zonesOf(exam.done, exam.skipped, zones)].filter(Boolean).join(". "));
}

async function today() {
  if (["nobody", "break-glass"].includes(session.kind)) return signIn();
  if (!seesExams(session)) return [text(t("home.no_role"))];
  const exams = await examsOfToday();
  return [exams.length ? list(exams.map(todayLine)) : text(t("home.no_exams")), linkTo("/exams", "exams.all")];
}

async function waiting() {
  const { items, next } = await ask("GET", `reviews/queue?limit=${MOST_WAITING}`, undefined, { alone: true });
  if (!items.length) return [text(t("exams.nothing_waits"))];
  const lines = items.map((each) => waitingOf(each, named(protocols.get(each.protocol)?.name ?? each.protocol)));
  return [list(lines), next !== null && linkTo("/exams", "exams.more")].filter(Boolean);
}

const refusedOf = ({ exam_id: exam, peer, report, answer }) => el("li", {}, el("a", { href: `/exam?id=${encodeURIComponent(exam)}` },
  el("strong", { text: t("sent.to", { peer, report }) }), el("span", { dir: "auto", text: answer })));

// What the hospital does not have yet, and what it refuses: a person has to look at that.
async function outbox() {
  const { peers, states: { waiting: queued = 0, sending = 0, refused = 0 } } = await ask("GET", "outbox", undefined, { alone: true });
  if (!peers.length && !queued && !refused) return [text(t("home.no_hospital"))];
  const owed = queued + sending;
  const items = refused > 0 ? (await ask("GET", `deliveries?state=refused&limit=${MOST_WAITING}`, undefined, { alone: true })).items : [];
  return [
    text(t("home.peers", { peers: peers.join(", ") })),
    text(owed > 0 ? t("home.owed", { owed }) : t("home.nothing_owed")),
    refused > 0 && text(t("home.refused", { refused }), "problem"),
    items.length > 0 && list(items.map(refusedOf)),
  ].filter(Boolean);
}

async function fill(id, reading) {
  try {
    patch(element(id), await reading());
    stateProblem(id, "");
  } catch (problem) {
    stateProblem(id, problem.message);
  }
}

// A request for these counts as use of the session: they are read when a person opens the page or comes back to it.
async function readLists() {
  element("waiting").hidden = !reads(session);
  element("hospital").hidden = !seesExams(session);
  await Promise.all([fill("today", today), reads(session) && fill("queue", waiting), seesExams(session) && fill("outbox", outbox)]);
}

async function read(who) {
  session = who;
  operators = new Map();
  if (!protocols.size) protocols = new Map((await ask("GET", "protocols").catch(() => [])).map((each) => [each.id, each]));
  await Promise.all([readLive(), readLists()]);
}

await read(await watchSession(read));
document.addEventListener("visibilitychange", () => { if (!document.hidden) read(session); });
setInterval(() => { if (!document.hidden) readLive(); }, EVERY_MS);
