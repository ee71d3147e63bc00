// What several screens say of an exam and its findings.

import { t } from "/web/i18n.js";
import { actorOf } from "/web/parts/stated.js";

export const STATES = { draft: "state.draft", preliminary: "state.preliminary", final: "state.final", amended: "state.amended" };
export const ZONES = { done: "zone.done", skipped: "zone.skipped", "not examined": "zone.not_examined" };
export const VERDICTS = { present: "verdict.present", absent: "verdict.absent", unsure: "verdict.unsure" };

const WHY = { quality: "why.quality", novelty: "why.novelty", machine: "why.machine", drift: "why.drift", looking: "why.looking" };
const FINDINGS = new Set(["b_lines", "a_lines", "severity_2_plus"]);

// Findings of a model that these pages do not know have the name that the model gives them.
export const findingOf = ({ key, name }) => (FINDINGS.has(key) ? t(`finding.${key}`) : name ?? key);

// What is stated: the verdict, and the reason for which it is open.
export const answerOf = ({ verdict, reason }) => [t(VERDICTS[verdict]), reason in WHY && t(WHY[reason])].filter(Boolean).join(": ");

// The marks of a machine, as the API states them, are few and known.
const MARKS = { "MACHINE NOT VALIDATED": "mark.not_validated", "MACHINE CHANGED": "mark.changed" };
export const markOf = (marks) => marks.split(", ").map((mark) => (mark in MARKS ? t(MARKS[mark]) : mark)).join(", ");

export const nameOf = ({ patient }) => (patient ? `${patient.name} (${patient.identifier})` : t("exam.no_patient"));

export const isSigned = ({ state }) => state === "final" || state === "amended";
export const needsReview = (exam) => !exam.qualified && !isSigned(exam);

export const stateOf = (exam) => (needsReview(exam) ? t("state.needs_review", { state: t(STATES[exam.state]), operator: actorOf(exam.operator) }) : t(STATES[exam.state]));
