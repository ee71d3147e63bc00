// The probe check page: the last verdict, the array, the trend, and a button for a new check.

import { ask } from "/web/api.js";
import "/web/nav.js";
import { drawProfile, drawTrend } from "/web/probe_chart.js";
import { add } from "/web/parts/dom.js";
import { problemsAt } from "/web/parts/problem.js";
import { watchSession } from "/web/session.js";

const CHECKS = "probe/checks";
const LISTED = 30;
const element = (id) => document.getElementById(id);
const buttons = [element("check"), element("baseline")];
const stateProblem = problemsAt(element("probe-problem"));
const REFUSED = { GET: "NOT SHOWN", POST: "NOT CHECKED" };

function place(run) {
  const name = run.first === run.last ? `${run.first}` : `${run.first}-${run.last}`;
  return run.from_mm === null ? name : `${name} (${((run.from_mm + run.to_mm) / 2).toFixed(1)} mm)`;
}

function showVerdict(kind, word, of) {
  element("verdict").className = `verdict ${kind.replace(/[^a-z]/g, "-")}`;
  element("verdict-word").textContent = word;
  element("verdict-of").textContent = of;
}

function showLast(check) {
  showVerdict(check.verdict, check.verdict.toUpperCase(), `${check.device}, ${check.serial_number || "no serial number"}, ${check.at.replace("T", " ")}`);
  element("banner").hidden = !check.simulated;
  const reasons = element("reasons");
  reasons.replaceChildren();
  for (const reason of check.reasons) add(reasons, "li", `${reason.says}. ${reason.advice}.`);
  for (const notice of check.notices) add(reasons, "li", `${notice}.`);
}

function showArray(checks) {
  const check = checks.findLast((one) => one.profile.length);
  if (!check) return;
  drawProfile(element("profile"), check);
  const dead = check.dead.map(place).join(", ");
  element("dead").textContent = `${dead ? `Dead elements, marked \u00d7: ${dead}` : "No dead elements"} (${check.at.replace("T", " ")}, ${check.held === "air" ? "in air" : "on the skin"})`;
}

function showTable(checks) {
  const table = element("checks");
  table.querySelectorAll("tr").forEach((row) => row.remove());
  const head = add(table, "tr");
  for (const name of ["When", "Verdict", "Held", "Dead", "Loss"]) add(head, "th", name).scope = "col";
  for (const check of checks.slice(-LISTED).reverse()) {
    const row = add(table, "tr");
    const loss = check.is_baseline ? "baseline" : check.loss === null ? "-" : check.loss.toFixed(1);
    for (const cell of [check.at.replace("T", " ").slice(0, 16), check.verdict, check.held ?? "-", check.dead.map(place).join(", ") || "-", loss]) add(row, "td", cell);
  }
}

function show({ checks, damaged, loss_watch, loss_stop }) {
  if (checks.length) showLast(checks.at(-1));
  showArray(checks);
  drawTrend(element("trend"), checks, loss_watch, loss_stop);
  showTable(checks);
  if (damaged.length) add(element("reasons"), "li", `Line ${damaged.join(", ")} of this probe's file cannot be read. The file was not changed.`);
}

// Null where it was refused; the reason is shown.
async function request(method, body) {
  try {
    const content = await ask(method, CHECKS, body);
    stateProblem(method, "");
    return content;
  } catch (problem) {
    stateProblem(method, problem.message);
    showVerdict("failed", REFUSED[method], "");
    return null;
  }
}

async function refresh() {
  const history = await request("GET");
  if (history) show(history);
}

async function check(newBaseline) {
  for (const button of buttons) button.disabled = true;
  showVerdict("busy", "CHECKING", "Hold the probe still");
  element("reasons").replaceChildren();
  const made = await request("POST", { new_baseline: newBaseline });
  if (made) await refresh();
  for (const button of buttons) button.disabled = false;
}

element("check").addEventListener("click", () => check(false));
element("baseline").addEventListener("click", () => check(true));
await watchSession(refresh);
await refresh();
