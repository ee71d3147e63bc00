// Feedback: how far the person is on the way to a qualification, and how readers decide on the answers of the model.

import { ask } from "/web/api.js";
import { dayOf, numberOf, percentOf, t } from "/web/i18n.js";
import "/web/nav.js";
import { el } from "/web/parts/dom.js";
import { problemsAt } from "/web/parts/problem.js";
import { holds, watchSession } from "/web/session.js";
import { hideCard, showCard } from "/web/views/card.js";
import { hasRole, list, table, text } from "/web/views/device_parts.js";
import { hideDifferences, showDifferences } from "/web/views/discordance.js";
import { conditionOf } from "/web/views/outcome.js";
import { hideDrift, showDrift } from "/web/views/drift.js";
import { hidePerformance, showPerformance } from "/web/views/performance.js";
import { siteNameOf } from "/web/views/site_name.js";
import { findingOf } from "/web/views/words.js";

const element = (id) => document.getElementById(id);
const stateProblem = problemsAt(element("problem"));

const signIn = (why) => [text(t(why)), el("div", { class: "controls" }, el("button", { type: "button", text: t("session.sign_in"), onclick: () => element("person").click() }))];

function standingOf({ protocol, qualified, missing, counted, needed, expires_at: expires }) {
  return el("li", { "data-protocol": protocol },
    el("strong", { text: t(qualified ? "feedback.qualified" : "feedback.not_qualified", { protocol }) }),
    el("span", { text: t("feedback.counted", { counted, needed }) }),
    el("progress", { max: String(needed || 1), value: String(needed ? counted : 1), "aria-label": t("feedback.counted", { counted, needed }) }),
    ...missing.map((each) => el("span", { text: each })),
    expires && el("span", { text: t("feedback.expires", { day: dayOf(expires) }) }));
}

async function youOf({ kind, operator_id: operator }) {
  if (kind !== "operator") return signIn("feedback.you_sign_in");
  const protocols = await ask("GET", "protocols");
  const standings = await Promise.all(protocols.map(({ id }) => ask("GET", `operators/${encodeURIComponent(operator)}/standing?protocol=${encodeURIComponent(id)}`)));
  return [list(standings.map(standingOf))];
}

// One column a finding: of those there are few, and a phone has room for them.
const share = ({ agreed, percent }) => (percent === null ? numberOf(agreed) : t("feedback.share", { number: agreed, percent: percentOf(percent) }));
const DECISIONS = {
  "feedback.decided": ({ decided }) => numberOf(decided),
  "feedback.agreed": share,
  "feedback.opposed": ({ opposed }) => numberOf(opposed),
  "feedback.open": ({ open }) => numberOf(open),
  "feedback.untold": ({ untold }) => numberOf(untold),
};

function readersOf({ least, findings }) {
  if (!findings.length) return [text(t("feedback.no_decisions"))];
  const rows = Object.entries(DECISIONS).map(([key, of]) => [t(key), ...findings.map(of)]);
  const counts = table([t("feedback.finding"), ...findings.map(findingOf)], rows);
  return [counts, text(t("feedback.least", { count: least }), "foot"), text(t("feedback.simulated"), "foot")];
}

const KNOWN = ["feedback.condition", "outcome.present", "outcome.absent", "feedback.not_known"];

function outcomesOf({ least, conditions }) {
  const found = conditions.filter(({ present, absent, open }) => present !== 0 || absent !== 0 || open !== 0);
  if (!found.length) return [text(t("feedback.no_outcomes"))];
  const number = (count) => (count === null ? t("feedback.fewer", { least }) : numberOf(count));
  const rows = found.map(({ condition, present, absent, open }) => [conditionOf(condition), number(present), number(absent), number(open)]);
  return [table(KNOWN.map((key) => t(key)), rows), text(t("feedback.simulated"), "foot")];
}

async function fill(id, making) {
  try {
    element(id).replaceChildren(...await making());
    stateProblem(id, "");
  } catch (problem) {
    stateProblem(id, problem.message);
  }
}

const mayRead = (session) => hasRole(session) && (session.kind === "unclaimed" || holds(session, "scan", "interpret", "over-read", "admin"));

async function show(session) {
  await fill("site", siteNameOf);
  if (session.kind === "operator") await showCard((message) => stateProblem("card", message));
  else hideCard(signIn("card.sign_in"));
  await fill("you", () => youOf(session));
  await fill("readers", async () => (mayRead(session) ? readersOf(await ask("GET", "feedback")) : signIn("feedback.readers_sign_in")));
  if (mayRead(session)) await showPerformance((message) => stateProblem("performance", message));
  else hidePerformance(signIn("feedback.readers_sign_in"));
  if (mayRead(session)) await showDrift(session, (message) => stateProblem("drift", message));
  else hideDrift(signIn("feedback.readers_sign_in"));
  if (mayRead(session)) await showDifferences(session, (message) => stateProblem("differences", message));
  else hideDifferences(signIn("feedback.readers_sign_in"));
  await fill("outcomes", async () => (mayRead(session) ? outcomesOf(await ask("GET", "outcomes")) : signIn("feedback.readers_sign_in")));
}

await show(await watchSession(show));
