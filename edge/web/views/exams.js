// The exams: those that wait for the person who is signed in, and all of them by day, the newest first.

import { ask } from "/web/api.js";
import { dateOf, t, timeOf } from "/web/i18n.js";
import "/web/nav.js";
import { el } from "/web/parts/dom.js";
import { problemsAt } from "/web/parts/problem.js";
import { actorOf, named } from "/web/parts/stated.js";
import { reads, watchSession } from "/web/session.js";
import { nameOf, STATES, stateOf } from "/web/views/words.js";

const PAGE = 50;
const REASONS = {
  unqualified: "waiting.unqualified",
  discordant: "waiting.discordant",
  abstained: "waiting.abstained",
  novice: "waiting.novice",
  random: "waiting.random",
};

const element = (id) => document.getElementById(id);
const stateProblem = problemsAt(element("problem"));
const chosen = element("state");
let protocols = new Map();
let cursor = null;

const link = (id, title, ...lines) =>
  el("li", {}, el("a", { href: `/exam?id=${encodeURIComponent(id)}` }, el("strong", { text: title }), ...lines.filter(Boolean).map((text) => el("span", { text }))));

const protocolName = (id) => named(protocols.get(id) ?? id);

function lineOf(exam) {
  const simulated = exam.simulated && t("exam.simulated");
  return link(exam.id, nameOf(exam), `${timeOf(exam.begun_at)}, ${protocolName(exam.protocol)}`, actorOf(exam.operator), stateOf(exam), simulated);
}

// A heading for each day.
function add(exams) {
  for (const exam of exams) {
    const day = dateOf(exam.begun_at);
    if (element("exams").lastElementChild?.dataset.day !== day) {
      element("exams").append(el("section", { "data-day": day }, el("h3", { text: day }), el("ul", { class: "lines" })));
    }
    element("exams").lastElementChild.querySelector("ul").append(lineOf(exam));
  }
}

async function readExams(from) {
  try {
    const filter = chosen.value && `&state=${chosen.value}`;
    const page = await ask("GET", `exams?limit=${PAGE}${filter}${from && `&cursor=${from}`}`);
    if (!from) element("exams").replaceChildren();
    add(page.items);
    cursor = page.next;
    element("more").hidden = cursor === null;
    element("none").hidden = Boolean(element("exams").children.length);
    stateProblem("exams", "");
  } catch (problem) {
    stateProblem("exams", problem.message);
  }
}

async function readQueue(session) {
  element("waiting").hidden = !reads(session);
  if (!reads(session)) return;
  try {
    const { items } = await ask("GET", `reviews/queue?limit=${PAGE}`);
    const lines = items.map((each) => link(each.exam, protocolName(each.protocol), `${dateOf(each.begun_at)}, ${timeOf(each.begun_at)}`, each.reasons.map((reason) => t(REASONS[reason])).join(", "), each.simulated && t("exam.simulated")));
    element("queue").replaceChildren(...(lines.length ? lines : [el("li", { text: t("exams.nothing_waits") })]));
    stateProblem("queue", "");
  } catch (problem) {
    stateProblem("queue", problem.message);
  }
}

async function refresh(session) {
  await readExams("");
  await readQueue(session);
}

const choices = [["", t("exams.every_state")], ...Object.entries(STATES).map(([state, key]) => [state, t(key)])];
chosen.append(...choices.map(([value, text]) => new Option(text, value)));
chosen.addEventListener("change", () => readExams(""));
element("more").addEventListener("click", () => readExams(cursor));
protocols = new Map((await ask("GET", "protocols").catch(() => [])).map(({ id, name }) => [id, name]));
await refresh(await watchSession(refresh));
