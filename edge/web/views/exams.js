// The exams: those that wait for the person who is signed in, and all of them by day, the newest first.

import { ask } from "/web/api.js";
import { dateOf, t } from "/web/i18n.js";
import "/web/nav.js";
import { el } from "/web/parts/dom.js";
import { newest } from "/web/parts/newest.js";
import { problemsAt } from "/web/parts/problem.js";
import { named } from "/web/parts/stated.js";
import { reads, watchSession } from "/web/session.js";
import { lineOf, waitingOf } from "/web/views/exam_lines.js";
import { stickAt } from "/web/views/stick.js";
import { STATES } from "/web/views/words.js";

const PAGE = 50;
const element = (id) => document.getElementById(id);
const stateProblem = problemsAt(element("problem"));
const chosen = element("state");
let protocols = new Map();
let cursor = null;
let session = null;
const begin = newest();
const showStick = stickAt(element("stick"), { lasting: true });

const protocolName = (id) => named(protocols.get(id) ?? id);

// A heading for each day.
function add(exams) {
  for (const exam of exams) {
    const day = dateOf(exam.begun_at);
    if (element("exams").lastElementChild?.dataset.day !== day) {
      element("exams").append(el("section", { "data-day": day }, el("h3", { text: day }), el("ul", { class: "lines" })));
    }
    element("exams").lastElementChild.querySelector("ul").append(lineOf(exam, protocolName(exam.protocol)));
  }
}

async function readExams(from) {
  const isNewest = begin();
  try {
    const filter = chosen.value && `&state=${chosen.value}`;
    const page = await ask("GET", `exams?limit=${PAGE}${filter}${from && `&cursor=${from}`}`);
    if (!isNewest()) return;
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

async function readQueue(who) {
  element("waiting").hidden = !reads(who);
  if (!reads(who)) return;
  try {
    const { items } = await ask("GET", `reviews/queue?limit=${PAGE}`);
    const lines = items.map((each) => waitingOf(each, protocolName(each.protocol)));
    element("queue").replaceChildren(...(lines.length ? lines : [el("li", { text: t("exams.nothing_waits") })]));
    stateProblem("queue", "");
  } catch (problem) {
    stateProblem("queue", problem.message);
  }
}

async function readProtocols() {
  if (!protocols.size) protocols = new Map((await ask("GET", "protocols").catch(() => [])).map(({ id, name }) => [id, name]));
}

// Who is signed in can change while the list waits for the sign-in.
async function refresh(who) {
  session = who;
  await readProtocols();
  await readExams("");
  await Promise.all([readQueue(session), showStick(session)]);
}

const choices = [["", t("exams.every_state")], ...Object.entries(STATES).map(([state, key]) => [state, t(key)])];
chosen.append(...choices.map(([value, text]) => new Option(text, value)));
chosen.addEventListener("change", () => readExams(""));
element("more").addEventListener("click", () => readExams(cursor));
await refresh(await watchSession(refresh));
