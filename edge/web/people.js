// The people page: who is enrolled, with which roles; an administrator enrols people, gives roles, sets PINs, unlocks and retires.

import { ask } from "/web/api.js";
import { t } from "/web/i18n.js";
import "/web/nav.js";
import { el } from "/web/parts/dom.js";
import { askForm, confirmed } from "/web/parts/form.js";
import { pinField } from "/web/parts/pin_pad.js";
import { problemsAt } from "/web/parts/problem.js";
import { named } from "/web/parts/stated.js";
import { watchSession } from "/web/session.js";

const ROLES = { scan: "role.scan", interpret: "role.interpret", "over-read": "role.over_read", service: "role.service", admin: "role.admin" };
const ROLES_EXPLAINED = {
  scan: "role.scan_explained",
  interpret: "role.interpret_explained",
  "over-read": "role.over_read_explained",
  service: "role.service_explained",
  admin: "role.admin_explained",
};
const WHOLE = new Set(["service", "admin"]); // roles for the whole appliance
const ANY = "*";
const BADGE = { name: "badge", label: t("people.badge"), maxlength: "40", autocomplete: "off", autocapitalize: "none", autofocus: true };
const NAME = { name: "name", label: t("people.name"), maxlength: "200", autocomplete: "off" };

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
    title: t("people.role_for", { name: person.name }),
    fields: [
      { name: "role", label: t("people.role"), options: Object.entries(ROLES_EXPLAINED).map(([role, key]) => [role, t(key)]) },
      { name: "protocol", label: t("people.protocol"), options: [[ANY, t("people.all_protocols")], ...protocols.map(({ id, name }) => [id, named(name)])] },
    ],
    button: t("people.role_button"),
    act: ({ role, protocol }) => ask("POST", `${of(person)}/grants`, { role, protocol: WHOLE.has(role) ? ANY : protocol }),
  });
}

function setPin(person) {
  return askForm({
    title: t("people.pin_for", { name: person.name }),
    text: t("people.pin_text"),
    fields: [{ ...pinField(t("pin.new")), autofocus: true }],
    button: t("people.pin_button"),
    act: ({ pin }) => ask("PUT", `${of(person)}/pin`, { pin }),
  });
}

async function retire(person) {
  const question = { title: t("people.retire_title", { name: person.name }), text: t("people.retire_text"), button: t("people.retire") };
  if (await confirmed(question)) await ask("PATCH", of(person), { retired: true }, { seen: person.version });
}

const protocolName = (id) => named(protocols.find((each) => each.id === id)?.name ?? id);

function nameOf({ role, protocol }) {
  const name = role in ROLES ? t(ROLES[role]) : role;
  return protocol === ANY ? name : t("people.role_in", { role: name, protocol: protocolName(protocol) });
}

function roleOf(person, grant) {
  const name = nameOf(grant);
  const question = { title: t("people.take_title", { name: person.name }), text: t("people.take_text", { role: name }), button: t("people.take_button") };
  const revoke = async () => { if (await confirmed(question)) await ask("DELETE", `${of(person)}/grants/${encodeURIComponent(grant.id)}`); };
  return el("button", { type: "button", class: "role", text: `${name} \u00d7`, "aria-label": t("people.take", { role: name }), disabled: Boolean(person.retired_at), onclick: () => change(revoke) });
}

function cardOf(person) {
  const state = person.retired_at ? t("people.retired") : person.locked ? t("people.locked") : "";
  const acts = [["people.give_role", giveRole], ["pin.new", setPin], ["people.retire", retire]];
  if (person.locked) acts.unshift(["people.unlock", () => ask("POST", `${of(person)}/unlock`)]);
  return el("li", { class: "finding", "data-badge": person.badge },
    el("h2", { text: `${person.name} (${person.badge})` }),
    el("span", { class: "word", text: state }),
    el("div", { class: "controls wide" }, ...person.grants.map((grant) => roleOf(person, grant)), !person.grants.length && el("span", { text: t("people.no_role") })),
    !person.retired_at && el("div", { class: "controls wide" }, ...acts.map(([key, act]) => el("button", { type: "button", text: t(key), onclick: () => change(() => act(person)) }))));
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
  if (!protocols.length) protocols = await ask("GET", "protocols").catch(() => []);
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
  title: t("people.enrol"),
  fields: [BADGE, NAME, pinField(t("people.first_pin"))],
  button: t("people.enrol_button"),
  act: (person) => ask("POST", "operators", person),
})));

await watchSession(refresh);
await refresh();
