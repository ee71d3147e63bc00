// The probe check page: the last verdict, the array, the trend, and a button for a new check.

import { ask } from "/web/api.js";
import { momentOf, numberOf, t } from "/web/i18n.js";
import "/web/nav.js";
import { drawProfile, drawTrend, VERDICTS } from "/web/parts/probe_chart.js";
import { add } from "/web/parts/dom.js";
import { problemsAt } from "/web/parts/problem.js";
import { named, statedBoth } from "/web/parts/stated.js";
import { watchSession } from "/web/session.js";

const CHECKS = "probe/checks";
const LISTED = 30;
const element = (id) => document.getElementById(id);
const buttons = [element("check"), element("baseline")];
const stateProblem = problemsAt(element("probe-problem"));
const REFUSED = { GET: "probe.not_shown", POST: "probe.not_checked" };
const LOUD = { pass: "probe.is_pass", watch: "probe.is_watch", "do not use": "probe.is_stop", "can't tell": "probe.is_unsure" };
const HELD = { air: "probe.in_air", clinical: "probe.on_skin" };
const HEADS = ["probe.when", "probe.verdict", "probe.held", "probe.dead", "probe.loss"];
const NOTHING = "-";

function place(run) {
  const name = run.first === run.last ? `${run.first}` : `${run.first}-${run.last}`;
  return run.from_mm === null ? name : t("probe.place", { elements: name, mm: numberOf((run.from_mm + run.to_mm) / 2, 1) });
}

function showVerdict(kind, word, of) {
  element("verdict").className = `verdict ${kind.replace(/[^a-z]/g, "-")}`;
  element("verdict-word").textContent = word;
  element("verdict-of").textContent = of;
}

function showLast(check) {
  showVerdict(check.verdict, t(LOUD[check.verdict]), [check.device, check.serial_number || t("probe.no_serial"), momentOf(check.at)].join(", "));
  element("banner").hidden = !check.simulated;
  const reasons = element("reasons");
  reasons.replaceChildren();
  for (const { code, says, advice } of check.reasons) add(reasons, "li", statedBoth(says, advice, { code: `probe_${code}`, params: {} }));
  for (const notice of check.notices) add(reasons, "li", `${named(notice)}.`);
}

function showArray(checks) {
  const check = checks.findLast((one) => one.profile.length);
  if (!check) return;
  drawProfile(element("profile"), check);
  const dead = check.dead.map(place).join(", ");
  element("dead").textContent = t(dead ? "probe.dead_elements" : "probe.no_dead", { elements: dead, when: momentOf(check.at), held: t(HELD[check.held]) });
}

function showTable(checks) {
  const table = element("checks");
  table.querySelectorAll("tr").forEach((row) => row.remove());
  const head = add(table, "tr");
  for (const key of HEADS) add(head, "th", t(key)).scope = "col";
  for (const check of checks.slice(-LISTED).reverse()) {
    const row = add(table, "tr");
    const loss = check.is_baseline ? t("probe.baseline") : check.loss === null ? NOTHING : numberOf(check.loss, 1);
    const held = check.held ? t(HELD[check.held]) : NOTHING;
    for (const cell of [momentOf(check.at), t(VERDICTS[check.verdict]), held, check.dead.map(place).join(", ") || NOTHING, loss]) add(row, "td", cell);
  }
}

function show({ checks, damaged, loss_watch, loss_stop }) {
  if (checks.length) showLast(checks.at(-1));
  showArray(checks);
  drawTrend(element("trend"), checks, loss_watch, loss_stop);
  showTable(checks);
  if (damaged.length) add(element("reasons"), "li", t("probe.damaged", { count: damaged.length, lines: damaged.join(", ") }));
}

// Null where it was refused; the reason is shown.
async function request(method, body) {
  try {
    const content = await ask(method, CHECKS, body);
    stateProblem(method, "");
    return content;
  } catch (problem) {
    stateProblem(method, problem.message);
    showVerdict("failed", t(REFUSED[method]), "");
    return null;
  }
}

async function refresh() {
  const history = await request("GET");
  if (history) show(history);
}

async function check(newBaseline) {
  for (const button of buttons) button.disabled = true;
  showVerdict("busy", t("probe.checking"), t("probe.hold_still"));
  element("reasons").replaceChildren();
  const made = await request("POST", { new_baseline: newBaseline });
  if (made) await refresh();
  for (const button of buttons) button.disabled = false;
}

element("check").addEventListener("click", () => check(false));
element("baseline").addEventListener("click", () => check(true));
await watchSession(refresh);
await refresh();
