// Requests to the API. A refusal is thrown as a Problem. A request that needs a person waits for the sign-in, and is then sent again:
// nothing that somebody typed is lost.

import { t } from "/web/i18n.js";
import { statedBoth } from "/web/parts/stated.js";

const HELPED = new Set(["not-signed-in", "session-over", "pin-needed", "foreign-request"]); // refusals that a sign-in resolves

export class Problem extends Error {
  constructor({ type = "", detail, fix = "", says = null }) {
    super(statedBoth(detail, fix, says));
    this.code = type.replace("urn:sonoedge:", "");
  }
}

const OFFLINE = { detail: t("offline.problem"), fix: t("offline.fix") };

const LOOK_MS = 3000; // how often the appliance is looked for while it does not answer

let token = null; // of the session in this browser
let ahead = 0; // milliseconds by which the clock of the appliance is ahead of that of this device
let help = async () => false; // asks a person to sign in; returns whether somebody did
let looking = null; // a timer, while the appliance does not answer
const listeners = new Set();

export const useToken = (csrf) => { token = csrf; };
// The time of the appliance: the clock of a tablet can be wrong by years.
export const now = () => Date.now() + ahead;
// Calls `tell(answers)` when the appliance stops to answer, and when it answers again.
export const onReach = (tell) => { listeners.add(tell); };
export const onSignInNeeded = (ask) => { help = ask; };

// crypto.randomUUID is missing where the page comes over plain HTTP.
const randomKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// The name of this browser on the appliance: of several tablets one controls an exam.
export const PAGE = localStorage.getItem("page") ?? randomKey();
localStorage.setItem("page", PAGE);

async function send(method, path, body, key, seen) {
  const headers = { "SonoEdge-Page": PAGE };
  if (seen !== undefined) headers["If-Match"] = `"${seen}"`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method === "POST") headers["Idempotency-Key"] = key; // a request that is sent twice is done once
  if (token && method !== "GET") headers["X-CSRF-Token"] = token;
  return fetch(`/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) }).catch(() => null);
}

function setReach(answers) {
  if (answers === (looking === null)) return;
  clearInterval(looking);
  looking = answers ? null : setInterval(look, LOOK_MS);
  for (const tell of listeners) tell(answers);
}

const look = async () => setReach(await fetch("/api/v1/version").then(({ ok }) => ok, () => false));

async function attempt(method, path, body, seen) {
  const key = randomKey();
  const answer = await send(method, path, body, key, seen) ?? await send(method, path, body, key, seen);
  if (answer?.headers.has("date")) ahead = Date.parse(answer.headers.get("date")) - Date.now();
  setReach(answer !== null);
  const content = await answer?.json().catch(() => null);
  if (!answer?.ok) throw new Problem(content ?? OFFLINE);
  return content;
}

// The content of the answer. `alone`: the request is part of a sign-in and asks for none. `seen`: the version that the person saw.
export async function ask(method, path, body, { alone = false, seen } = {}) {
  try {
    return await attempt(method, path, body, seen);
  } catch (problem) {
    if (alone || !HELPED.has(problem.code) || !await help(problem)) throw problem;
    return attempt(method, path, body, seen);
  }
}
