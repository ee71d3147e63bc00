// Who is signed in here: the button in the header, sign-in with a badge and a PIN, an emergency, and the way to the first start.

import { ask, onReach, onSignInNeeded, Problem, useToken } from "/web/api.js";
import { t } from "/web/i18n.js";
import { askForm } from "/web/parts/form.js";
import { offerSetUp } from "/web/parts/offer.js";
import { pinField } from "/web/parts/pin_pad.js";

const REFRESH_MS = 20_000;
const LABELS = { // of the button, by the kind of the session
  nobody: () => t("session.sign_in"),
  unclaimed: () => t("session.set_up"),
  "break-glass": () => t("session.emergency"),
  operator: ({ name }) => name,
};

const button = document.getElementById("person");
let session = { kind: "nobody", name: "", operator_id: null, grants: [], qualified_for: [], claim_needs_code: null };
let asking = null; // the sign-in that is open; every request that needs one waits for the same
let lastName = "";
let onChange = () => {};

// What the button offers: nobody can sign in where nobody is enrolled.
const offered = () => (session.kind === "nobody" && claimable(session) ? "unclaimed" : session.kind);

function show(current) {
  const changed = current.kind !== session.kind || current.operator_id !== session.operator_id;
  session = current;
  useToken(session.csrf_token);
  button.textContent = LABELS[offered()](session);
  button.dataset.kind = session.kind;
  offerSetUp(session);
  if (changed) onChange(session);
}

export async function refreshSession() {
  await ask("GET", "sessions/current", undefined, { alone: true }).then(show, () => {}); // without a connection, the live stream states it
}

const begin = async (path, body) => show(await ask("POST", path, body, { alone: true }));

export async function signIn({ name, pin }) {
  lastName = name;
  await begin("sessions", { name, pin });
}

function askEmergency() {
  return askForm({
    title: t("emergency.title"),
    text: t("emergency.text"),
    fields: [{ name: "reason", label: t("emergency.why"), maxlength: "200", autocomplete: "off" }],
    button: t("emergency.button"),
    act: ({ reason }) => begin("sessions/break-glass", { reason }),
  });
}

const CANCELLED = new Problem({ detail: t("session.cancelled") });

function askSignIn(text) {
  return askForm({
    title: t("session.sign_in"),
    text,
    fields: [{ name: "name", label: t("session.badge_or_name"), maxlength: "200", autocomplete: "off", autocapitalize: "none", value: lastName, autofocus: !lastName }, { ...pinField(), autofocus: Boolean(lastName) }],
    button: t("session.sign_in"),
    act: signIn,
    others: [{ button: t("emergency.title"), act: async () => { if (!await askEmergency()) throw CANCELLED; } }],
  });
}

function askPin(text) {
  return askForm({ title: t("session.pin_again"), text, fields: [{ ...pinField(), autofocus: true }], button: t("session.confirm"), act: ({ pin }) => begin("sessions/current/pin", { pin }) });
}

// Nobody is enrolled yet, or the records of the people are lost: the page of the first start enrols the administrator.
export const claimable = ({ claim_needs_code: needs }) => needs !== null && needs !== undefined;
const openWelcome = () => location.assign("/welcome?step=administrator");

function askSetUp(text) {
  return askForm({ title: t("welcome.title"), text, button: t("session.set_up"), act: () => { openWelcome(); return new Promise(() => {}); } }); // the page is left
}

function askSignOut() {
  const who = session.kind === "operator" ? t("session.who", { name: session.name }) : t("session.emergency_open");
  const qualified = session.qualified_for.length > 0 && t("session.qualified", { protocols: session.qualified_for.join(", ") });
  return askForm({
    title: t("session.signed_in"),
    text: [who, qualified, t("session.continues")].filter(Boolean).join(" "),
    button: t("session.another"),
    act: async () => { if (!await askSignIn("")) throw CANCELLED; },
    others: [{ button: t("session.sign_out"), act: async () => show(await ask("DELETE", "sessions/current", undefined, { alone: true })) }],
  });
}

const OFFERS = { nobody: () => askSignIn(""), unclaimed: openWelcome, "break-glass": askSignOut, operator: askSignOut };

// Another tab of this browser may have signed somebody in: what was asked for here must not be done in that name unnoticed.
async function follow(problem) {
  const before = session.operator_id;
  await refreshSession();
  if (session.operator_id === before) return problem;
  throw new Problem({ detail: session.name ? t("session.changed", { name: session.name }) : t("session.ended"), fix: t("session.changed_fix") });
}

const HELP = { "foreign-request": follow, "pin-needed": ({ message }) => askPin(message) };

// The first administrator may have enrolled on another tablet since this page asked.
async function askWho({ message }) {
  if (claimable(session)) await refreshSession();
  return (claimable(session) ? askSetUp : askSignIn)(message);
}

// Resolves when the person has signed in or gone back; true: the request can be sent again.
async function help(problem) {
  asking ??= (HELP[problem.code] ?? askWho)(problem).finally(() => { asking = null; });
  return await asking !== null;
}

export const holds = ({ grants }, ...roles) => grants.some(({ role }) => roles.includes(role));
export const reads = (who) => holds(who, "interpret", "over-read");

// Calls `changed` when another person has signed in or somebody has signed out, and when the appliance is back after it was away; resolves
// with the first session.
export async function watchSession(changed) {
  onSignInNeeded(help);
  onReach(async (answers) => {
    if (!answers) return;
    await refreshSession();
    onChange(session);
  });
  button.addEventListener("click", () => OFFERS[offered()]());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshSession(); });
  setInterval(refreshSession, REFRESH_MS);
  await refreshSession();
  onChange = changed;
  return session;
}
