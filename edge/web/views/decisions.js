// The findings of a zone and what a person decides on each: one touch. After the signature, changes are collected for the amendment.

import { ask } from "/web/api.js";
import { percentOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { holds } from "/web/session.js";
import { answerOf, findingOf, isSigned, VERDICTS } from "/web/views/words.js";

const DECISIONS = { accepted: "decision.accept", rejected: "decision.reject", not_assessable: "decision.not_assessable" };
const DECIDED = { open: "decided.open", accepted: "decided.accepted", rejected: "decided.rejected", edited: "decided.edited", not_assessable: "decided.not_assessable" };

export const pending = new Map(); // by the id of a finding: { decision, verdict } for the next amendment
const changing = new Set(); // ids of findings whose decision is to be replaced

const decide = (finding, decision, verdict = null) => ask("POST", `findings/${encodeURIComponent(finding.id)}/decision`, { decision, verdict }, { seen: finding.version });

const chosenOf = ({ id, decision, decided: verdict }) => pending.get(id) ?? { decision, verdict };

function statusOf(finding) {
  const { decision, verdict } = chosenOf(finding);
  const text = t(DECIDED[decision], { verdict: verdict && t(VERDICTS[verdict]), by: finding.decided_by });
  return pending.has(finding.id) ? t("decided.pending", { decision: text }) : text;
}

function buttonOf(exam, finding, act, [decision, verdict]) {
  const chosen = chosenOf(finding);
  const choose = async () => {
    changing.delete(finding.id);
    if (isSigned(exam)) pending.set(finding.id, { decision, verdict });
    else await decide(finding, decision, verdict);
  };
  return el("button", {
    type: "button",
    id: `${finding.id}-${decision}-${verdict}`,
    text: t(verdict ? VERDICTS[verdict] : DECISIONS[decision]),
    "aria-pressed": String(chosen.decision === decision && (chosen.verdict ?? null) === verdict),
    onclick: () => act(choose),
  });
}

// To reject an answer states its opposite; "can't tell" has none, and is replaced.
const CHOICES = {
  present: [["accepted", null], ["rejected", null], ["edited", "unsure"], ["not_assessable", null]],
  absent: [["accepted", null], ["rejected", null], ["edited", "unsure"], ["not_assessable", null]],
  unsure: [["accepted", null], ["edited", "present"], ["edited", "absent"], ["not_assessable", null]],
};

function controlsOf(exam, finding, act) {
  if (finding.decision !== "open" && !changing.has(finding.id)) {
    return el("button", { type: "button", class: "change", id: `${finding.id}-change`, text: t("decision.change"), onclick: () => act(async () => { changing.add(finding.id); }) });
  }
  return el("div", { class: "controls wide decide", role: "group", "aria-label": t("decision.for", { finding: findingOf(finding) }) },
    ...CHOICES[finding.verdict].map((choice) => buttonOf(exam, finding, act, choice)));
}

function lineOf(exam, finding, act, allowed) {
  if (!finding.shown) return el("li", { class: "finding" }, el("h4", { text: findingOf(finding) }), el("span", { text: t("exam.hidden") }));
  return el("li", { class: `finding ${finding.verdict}`, "data-finding": finding.key },
    el("h4", { text: findingOf(finding) }),
    el("span", { class: "percent", text: percentOf(finding.percent) }),
    el("span", { class: "word wide", text: answerOf(finding) }),
    el("span", { class: "decided", "data-decision": finding.decision, text: statusOf(finding) }),
    allowed && exam.state !== "draft" && controlsOf(exam, finding, act));
}

// `act(doing)` does something for a person and shows the exam again.
export function decisionsOf(exam, findings, act, session) {
  if (!findings.length) return [];
  const allowed = session.kind !== "operator" || holds(session, "scan", "interpret"); // who has not signed in is asked to
  const open = findings.filter(({ shown, decision }) => shown && decision === "open");
  const acceptAll = async () => { for (const finding of open) await decide(finding, "accepted"); };
  return [
    allowed && exam.state === "preliminary" && open.length > 1 && el("button", { type: "button", class: "primary accept", text: t("decision.accept_all", { count: open.length }), onclick: () => act(acceptAll) }),
    el("ul", { class: "findings" }, ...findings.map((finding) => lineOf(exam, finding, act, allowed))),
  ];
}
