// What several screens say of an exam and its findings.

import { t } from "/web/i18n.js";

export const STATES = { draft: "state.draft", preliminary: "state.preliminary", final: "state.final", amended: "state.amended" };
export const VERDICTS = { present: "verdict.present", absent: "verdict.absent", unsure: "verdict.unsure" };

export const nameOf = ({ patient }) => (patient ? `${patient.name} (${patient.identifier})` : t("exam.no_patient"));

export const needsReview = ({ state, qualified }) => !qualified && (state === "draft" || state === "preliminary");

export const stateOf = (exam) => (needsReview(exam) ? t("state.needs_review", { state: t(STATES[exam.state]), operator: exam.operator }) : t(STATES[exam.state]));
