// The people page: who is enrolled, with which roles; an administrator enrols people, gives roles, sets PINs, unlocks and retires.

import { ask } from "/web/api.js";
import "/web/nav.js";
import { el } from "/web/parts/dom.js";
import { askForm, confirmed } from "/web/parts/form.js";
import { pinField } from "/web/parts/pin_pad.js";
import { problemsAt } from "/web/parts/problem.js";
import { watchSession } from "/web/session.js";

const ROLES = [
  ["scan", "Scan: take exams"],
  ["interpret", "Interpret: review and sign"],
  ["over-read", "Over-read: read signed exams again"],
  ["service", "Service: models, backups, notices"],
  ["admin", "Administrator: people and audit trail"],
];
const WHOLE = new Set(["service", "admin"]); // roles for the whole appliance
const ANY = "*";
const BADGE = { name: "badge", label: "Badge", maxlength: "40", autocomplete: "off", autocapitalize: "none", autofocus: true };
const NAME = { name: "name", label: "Name", maxlength: "200", autocomplete: "off" };

const list = document.getElementById("people");
const stateProblem = problemsAt(document.getElementById("people-problem"));
let protocols = [];

// Does something, then shows the new list.
async function change(doing) {
  try {
    await doing();
    stateProblem("act", "");
    await refresh();
  } catch (refused) {
    stateProblem("act", refused.message);
  }
}

const of = ({ id }) => `operators/${encodeURIComponent(id)}`;

function giveRole(person) {
  return askForm({
    title: `A role for ${person.name}`,
    fields: [
      { name: "role", label: "Role", options: ROLES },
      { name: "protocol", label: "For which protocol", options: [[ANY, "All protocols"], ...protocols.map(({ id, name }) => [id, name])] },
    ],
    button: "Give the role",
    act: ({ role, protocol }) => ask("POST", `${of(person)}/grants`, { role, protocol: WHOLE.has(role) ? ANY : protocol }),
  });
}

function setPin(person) {
  return askForm({
    title: `A new PIN for ${person.name}`,
    text: "Their other sessions end.",
    fields: [{ ...pinField("New PIN"), autofocus: true }],
    button: "Set the PIN",
    act: ({ pin }) => ask("PUT", `${of(person)}/pin`, { pin }),
  });
}

async function retire(person) {
  const question = { title: `Retire ${person.name}?`, text: "They can no longer sign in. This cannot be undone; what they did stays recorded.", button: "Retire" };
  if (await confirmed(question)) await ask("PATCH", of(person), { retired: true }, { seen: person.version });
}

const protocolName = (id) => (id === ANY ? "" : `, ${protocols.find((each) => each.id === id)?.name ?? id}`);

function roleOf(person, grant) {
  const name = `${ROLES.find(([role]) => role === grant.role)?.[1].split(":")[0] ?? grant.role}${protocolName(grant.protocol)}`;
  const question = { title: `Take a role from ${person.name}?`, text: `${name}. They lose it at once.`, button: "Take it away" };
  const revoke = async () => { if (await confirmed(question)) await ask("DELETE", `${of(person)}/grants/${encodeURIComponent(grant.id)}`); };
  return el("button", { type: "button", class: "role", text: `${name} \u00d7`, "aria-label": `Take away: ${name}`, disabled: Boolean(person.retired_at), onclick: () => change(revoke) });
}

function cardOf(person) {
  const state = person.retired_at ? "retired" : person.locked ? "LOCKED after too many wrong PINs" : "";
  const acts = [["Give a role", giveRole], ["New PIN", setPin], ["Retire", retire]];
  if (person.locked) acts.unshift(["Unlock", () => ask("POST", `${of(person)}/unlock`)]);
  return el("li", { class: "finding", "data-badge": person.badge },
    el("h2", { text: `${person.name} (${person.badge})` }),
    el("span", { class: "word", text: state }),
    el("div", { class: "controls wide" }, ...person.grants.map((grant) => roleOf(person, grant)), !person.grants.length && el("span", { text: "No role" })),
    !person.retired_at && el("div", { class: "controls wide" }, ...acts.map(([text, act]) => el("button", { type: "button", text, onclick: () => change(() => act(person)) }))));
}

async function everyone() {
  const found = [];
  for (let cursor = ""; cursor !== null;) {
    const page = await ask("GET", `operators?limit=200${cursor && `&cursor=${cursor}`}`);
    found.push(...page.items);
    cursor = page.next;
  }
  return found;
}

async function refresh() {
  try {
    const people = await everyone();
    list.replaceChildren(...people.filter((each) => !each.retired_at).map(cardOf), ...people.filter((each) => each.retired_at).map(cardOf));
    stateProblem("list", "");
  } catch (refused) {
    list.replaceChildren();
    stateProblem("list", refused.message);
  }
}

document.getElementById("enrol").addEventListener("click", () => change(() => askForm({
  title: "Enrol a person",
  fields: [BADGE, NAME, pinField("First PIN, which they change")],
  button: "Enrol",
  act: (person) => ask("POST", "operators", person),
})));

protocols = await ask("GET", "protocols").catch(() => []);
await watchSession(refresh);
await refresh();
