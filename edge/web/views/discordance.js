// The queue of differences: cards with who stated what, a person's word on why they differ, and how often each cause was stated.

import { ask } from "/web/api.js";
import { dayOf, momentOf, numberOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { askForm } from "/web/parts/form.js";
import { newest } from "/web/parts/newest.js";
import { actorOf, named } from "/web/parts/stated.js";
import { holds } from "/web/session.js";
import { facts, text } from "/web/views/device_parts.js";
import { conditionOf, referenceOf } from "/web/views/outcome.js";
import { findingOf, markOf, VERDICTS } from "/web/views/words.js";

const PAGE = 20;
const MOST_LOOKS = 50; // answers without an item, one after another, until a person has to ask for more
const CAUSES = {
  acquisition: ["differences.acquisition", "differences.acquisition_about"],
  perception: ["differences.perception", "differences.perception_about"],
  model: ["differences.model", "differences.model_about"],
  labelling: ["differences.labelling", "differences.labelling_about"],
};
const KINDS = { opposed: "differences.opposed", outcome: "differences.outcome", unsure: "differences.unsure" };
const STATES = { open: "differences.open", closed: "differences.closed" };
const PEOPLE = { decision: "differences.decided", review: "differences.reviewed", "over-read": "differences.over_read" };
const MARKS = { present: "+", absent: "−", unsure: "?" };

const panel = document.getElementById("differences");
const chosen = { kind: "opposed", state: "open" };
const begin = newest();
const zones = new Map(); // by protocol: the names of its zones
let session = null;
let cursor = null;
let stateProblem = () => {};

const causeOf = (cause) => t(CAUSES[cause][0]);

// The names of zones are those of the protocol as it is now; a zone that it no longer has keeps its id.
async function readZones(protocols) {
  const missing = [...new Set(protocols)].filter((each) => !zones.has(each));
  const found = await Promise.all(missing.map((each) => ask("GET", `protocols/${encodeURIComponent(each)}`).catch(() => ({ zones: [] }))));
  missing.forEach((each, number) => zones.set(each, new Map(found[number].zones.map(({ id, name }) => [id, named(name)]))));
}

function placeOf({ protocol, zone, finding }) {
  const name = findingOf({ key: finding });
  if (!zone) return t("differences.whole", { finding: name });
  const zoneName = zones.get(protocol)?.get(zone);
  return `${zone}${zoneName ? ` ${zoneName}` : ""}: ${name}`;
}

function sourceOf({ by, who, reference }) {
  if (by === "model") return t("performance.model");
  if (by === "outcome") return t("differences.turned_out", { condition: conditionOf(who), reference: referenceOf(reference) });
  return t(PEOPLE[by], { by: actorOf(who) });
}

const statementOf = (statement) => el("li", { class: `stated ${statement.answer}`, "data-by": statement.by },
  el("span", { class: "mark", "aria-hidden": "true", text: MARKS[statement.answer] }),
  el("strong", { text: t(VERDICTS[statement.answer]) }),
  el("span", {}, el("bdi", { text: sourceOf(statement) })),
  statement.blind && el("span", { class: "more", text: t("performance.blind") }),
  statement.mark && el("span", { class: "more problem", text: markOf(statement.mark) }));

function closingOf({ closed, closing }) {
  if (!closing) return null;
  const { cause, note, closed_by: by, closed_at: at, withdrawn_by: withdrawer, why } = closing;
  return el("div", { class: "closing" },
    el("p", { text: t("differences.closed_as", { cause: causeOf(cause), by: actorOf(by), day: dayOf(at) }) }),
    note && el("p", { class: "quoted", dir: "auto", text: note }),
    withdrawer && el("p", { class: "problem", text: t("differences.reopened", { by: actorOf(withdrawer), why }) }),
    !closed && !withdrawer && el("p", { class: "problem", text: t("differences.changed") }));
}

const closes = () => holds(session, "over-read");

function choicesOf(item, card) {
  if (!closes()) return text(t("differences.closes"), "foot");
  if (item.own) return text(t("differences.own"), "foot");
  const note = el("textarea", { rows: "2", maxlength: "500", dir: "auto" });
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const close = async (cause) => {
    card.inert = true;
    problem.hidden = true;
    try {
      const { exam, zone, finding, seen } = item;
      await ask("POST", `exams/${encodeURIComponent(exam)}/closings`, { zone, finding, cause, note: note.value, seen });
      leave(card, t("differences.closed_now", { place: placeOf(item), cause: causeOf(cause) }));
    } catch (refused) {
      problem.textContent = refused.message;
      problem.hidden = false;
      card.inert = false;
    }
  };
  const button = ([cause, [name, about]]) => el("button", { type: "button", "data-cause": cause, onclick: () => close(cause) }, el("strong", { text: t(name) }), el("span", { text: t(about) }));
  return el("details", {},
    el("summary", { text: t("differences.why") }),
    el("label", {}, el("span", { text: t("differences.note") }), note),
    problem,
    el("div", { class: "causes" }, ...Object.entries(CAUSES).map(button)));
}

function reopenOf({ closing }, card, place) {
  if (!closes()) return null;
  const reopen = async () => {
    const done = await askForm({
      title: t("differences.reopen_title"),
      fields: [{ name: "why", label: t("outcome.why"), maxlength: "500", dir: "auto" }],
      button: t("differences.reopen"),
      act: ({ why }) => ask("POST", `closings/${encodeURIComponent(closing.id)}/withdraw`, { why }),
    });
    if (done) leave(card, t("differences.open_now", { place }));
  };
  return el("div", { class: "controls" }, el("button", { type: "button", class: "reopen", text: t("differences.reopen"), onclick: reopen }));
}

function cardOf(item) {
  const card = el("article", { class: item.kind, "data-place": `${item.zone}/${item.finding}` });
  card.append(...[
    el("h3", { text: placeOf(item) }),
    el("a", { href: `/exam?id=${encodeURIComponent(item.exam)}`, text: t("differences.exam", { moment: momentOf(item.begun_at) }) }),
    el("ul", { class: "answers" }, ...item.statements.map(statementOf)),
    closingOf(item),
    item.closed ? reopenOf(item, card, placeOf(item)) : choicesOf(item, card),
  ].filter(Boolean));
  return card;
}

// The list without a card; what was done is read aloud, and the focus stays in the list.
function leave(card, done) {
  const next = card.nextElementSibling ?? card.previousElementSibling;
  card.remove();
  part("done").textContent = done;
  readCauses();
  if (next) (next.querySelector("summary, .reopen, a")).focus();
  else read("");
}

const part = (name) => panel.querySelector(`[data-part="${name}"]`);

function chooser(name, options) {
  const choices = Object.entries(options).map(([value, key]) => el("option", { value, text: t(key), selected: value === chosen[name] }));
  return el("label", {}, el("span", { text: t(name === "kind" ? "differences.kind" : "differences.state") }),
    el("select", { name, onchange: ({ target }) => { chosen[name] = target.value; part("done").textContent = ""; read(""); } }, ...choices));
}

function build() {
  panel.replaceChildren(
    text(t("differences.about")),
    el("div", { "data-part": "causes" }),
    el("div", { class: "filters" }, chooser("state", STATES), chooser("kind", KINDS)),
    el("p", { role: "status", "data-part": "done" }),
    el("div", { class: "differences", "data-part": "list" }),
    el("p", { role: "status", "data-part": "state" }),
    el("div", { class: "controls" }, el("button", { type: "button", "data-part": "more", hidden: true, text: t("exams.more"), onclick: () => read(cursor) })),
    text(t("differences.left_out"), "foot"),
    text(t("notice"), "notice"));
}

async function readCauses() {
  const answer = await ask("GET", "differences/causes").catch(() => null);
  const place = part("causes");
  if (!place) return;
  const stated = answer?.causes.some(({ count }) => count !== 0) ?? false;
  const number = (count) => (count === null ? t("feedback.fewer", { least: numberOf(answer.least) }) : numberOf(count));
  place.replaceChildren(...(stated ? [el("h3", { text: t("differences.causes") }), facts(answer.causes.map(({ cause, count }) => [causeOf(cause), number(count)]))] : []));
}

// One answer can be empty although older exams have something: then the next one is asked for.
async function pageFrom(from, isNewest) {
  let page = { items: [], next: from };
  for (let looks = 0; looks < MOST_LOOKS && !page.items.length && page.next !== null && isNewest(); looks += 1) {
    page = await ask("GET", `differences?state=${chosen.state}&kind=${chosen.kind}&limit=${PAGE}${page.next && `&cursor=${page.next}`}`);
  }
  return page;
}

async function read(from) {
  const isNewest = begin();
  part("state").textContent = t("device.reading");
  if (!from) part("list").replaceChildren();
  part("more").hidden = true;
  try {
    const page = await pageFrom(from, isNewest);
    await readZones(page.items.map(({ protocol }) => protocol));
    if (!isNewest()) return;
    part("list").append(...page.items.map(cardOf));
    cursor = page.next;
    part("more").hidden = cursor === null;
    const empty = !part("list").children.length && cursor === null;
    part("state").textContent = empty ? t(chosen.state === "open" ? "differences.none_open" : "differences.none_closed") : "";
    stateProblem("");
  } catch (problem) {
    if (!isNewest()) return;
    part("state").textContent = "";
    part("more").hidden = false;
    cursor = from;
    stateProblem(problem.message);
  }
}

// Shows the queue to a person who is allowed to read exams; `state` receives what went wrong.
export async function showDifferences(who, state) {
  [session, stateProblem] = [who, state];
  build();
  await Promise.all([read(""), readCauses()]);
}

// Shows something else in its place.
export function hideDifferences(content) {
  begin();
  panel.replaceChildren(...content);
}
