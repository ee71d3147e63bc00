// The device page, for a technician: what is wrong and its next step, and the state of every part. It refreshes itself.

import { ask } from "/web/api.js";
import { t, timeOf } from "/web/i18n.js";
import "/web/nav.js";
import { patch } from "/web/parts/patch.js";
import { watchSession } from "/web/session.js";
import { watchActs } from "/web/views/device_acts.js";
import { machine, source, speed } from "/web/views/device_figures.js";
import { readMetrics } from "/web/views/device_metrics.js";
import { hasRole, serves } from "/web/views/device_parts.js";
import { watchLog } from "/web/views/device_log.js";
import { repairs } from "/web/views/device_repairs.js";
import { slots } from "/web/views/device_slots.js";
import { acceptances, backups, changeable, checks, ledger, model, recording, recordings, settings } from "/web/views/device_upkeep.js";

const EVERY_MS = 5000;
const SLOWLY = 12; // refreshes between two reads of what costs seconds
const SECTIONS = { repairs, source, speed, model, ledger, acceptances, backups, checks, recording, recordings, slots, machine, changeable, settings };
const LIVE = { health: "health", notices: "notices", source: "source", counts: "source/counts", readings: "readings?limit=32", recording: "recording", board: "board" };
const SLOW = { models: "models", settings: "settings", checks: "probe/checks" };
// A request for these counts as use of the session: the page must not keep a session alive that its person has left. So a person asks for them.
const ASKED = { doctor: ["doctor", serves], backups: ["backups", serves], recordings: ["recordings", serves], changeable: ["settings/changeable", serves], acceptances: ["model/acceptances", hasRole] };

const element = (id) => document.getElementById(id);
const data = {};
let session = null;
let offline = false;
let at = 0;

function state(id, text) {
  const line = element(id);
  line.hidden = !text;
  if (line.textContent !== text) line.textContent = text;
}

function show() {
  for (const [id, section] of Object.entries(SECTIONS)) patch(element(id), section(data, session));
  state("refreshed", at ? t("device.refreshed", { when: timeOf(at) }) : "");
  state("offline", offline ? t("device.offline", { when: at ? timeOf(at) : t("device.never") }) : "");
}

// Without a connection, what was read before stays on the page.
async function read(name, path) {
  try {
    data[name] = await ask("GET", path, undefined, { alone: true });
    return true;
  } catch (problem) {
    if (problem.code) data[name] = problem;
    return Boolean(problem.code);
  }
}

const readAll = async (paths) => (await Promise.all(Object.entries(paths).map(([name, path]) => read(name, path)))).every(Boolean);

async function readAsked() {
  const allowed = Object.entries(ASKED).filter(([, [, allows]]) => allows(session));
  for (const name of Object.keys(ASKED)) if (!allowed.some(([each]) => each === name)) delete data[name];
  await readAll(Object.fromEntries(allowed.map(([name, [path]]) => [name, path])));
  data.checkedAt = Date.now();
}

// Of the release in use; who signed it is for people with a role.
async function readLedger() {
  if (!hasRole(session)) delete data.ledger;
  else if (data.models?.active) await read("ledger", `model/ledger?release=${encodeURIComponent(data.models.active)}`);
}

async function readLive() {
  const [answered, metrics] = await Promise.all([readAll(LIVE), readMetrics()]);
  data.metrics = metrics ?? data.metrics;
  offline = !answered;
  if (answered) at = Date.now();
  show();
  return answered;
}

async function readEverything() {
  if (!await readLive()) return;
  await Promise.all([readAll(SLOW), readAsked()]);
  await readLedger();
  show();
}

async function refresh() {
  for (let turn = 1; ; turn += 1) {
    await new Promise((resolve) => { setTimeout(resolve, EVERY_MS); });
    if (document.hidden || !await readLive()) continue;
    if (turn % SLOWLY === 0) await readAll(SLOW);
    show();
  }
}

watchActs({
  show,
  refresh: readEverything,
  state: (problem, outcome) => { state("problem", problem); state("outcome", outcome); },
});
session = await watchSession((now) => { session = now; watchLog(now); readEverything(); });
watchLog(session);
await readEverything();
refresh();
