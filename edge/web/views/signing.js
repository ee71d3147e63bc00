// The reports of an exam, and the two acts that issue one: sign and amend.

import { ask } from "/web/api.js";
import { dateOf, t, timeOf } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { askForm } from "/web/parts/form.js";
import { claimable, holds } from "/web/session.js";
import { pending } from "/web/views/decisions.js";
import { isSigned, needsReview, STATES } from "/web/views/words.js";

const signs = (session) => holds(session, "interpret");

const conclusionField = (value) => ({ name: "conclusion", label: t("report.conclusion"), rows: 4, maxlength: "1000", required: false, dir: "auto", value });

const askSignature = (path, exam, name) => askForm({
  title: t("sign.title"),
  text: t("sign.text", { name }),
  fields: [conclusionField("")],
  button: t("sign.button"),
  act: ({ conclusion }) => ask("POST", `${path}/sign`, { conclusion }, { seen: exam.version }),
});

const conclusionOf = async (path) => (await ask("GET", `${path}/report`)).context.find(({ name }) => name === "conclusion")?.value ?? "";

const askAmendment = async (path, exam) => askForm({
  title: t("amend.title"),
  text: t("amend.text", { count: pending.size }),
  fields: [{ name: "why", label: t("amend.why"), maxlength: "1000", autofocus: true }, conclusionField(await conclusionOf(path))],
  button: t("amend.button"),
  act: async ({ why, conclusion }) => {
    const findings = [...pending].map(([finding, { decision, verdict }]) => ({ finding, decision, verdict }));
    const report = await ask("POST", `${path}/amend`, { why, findings, conclusion }, { seen: exam.version });
    pending.clear();
    return report;
  },
});

// Why it cannot be signed yet, or "".
function obstacleOf({ exam, findings, reviews, session }) {
  const open = findings.filter(({ decision, superseded_at: superseded }) => decision === "open" && !superseded).length;
  if (exam.state === "draft") return t("sign.draft");
  if (exam.state === "preliminary" && !signs(session)) return t("sign.interpreter");
  if (exam.state === "preliminary" && !exam.shown) return t("sign.hidden");
  if (exam.state === "preliminary" && needsReview(exam) && !reviews.some(({ kind, saved_at: saved }) => kind === "first" && saved)) return t("sign.review");
  if (exam.state === "preliminary" && open) return t("sign.open", { count: open });
  return "";
}

function reportOf(path, report) {
  const signed = t("report.issued", { number: report.number, state: t(STATES[report.status]), by: report.made_by, when: `${dateOf(report.made_at)}, ${timeOf(report.made_at)}` });
  return el("li", {}, el("a", { href: `/api/v1/${path}/report.pdf?number=${report.number}`, target: "_blank", text: signed }), report.why && el("span", { text: report.why }));
}

// What this person can do about a missing role.
function wayToSign(exam, session) {
  if (exam.state !== "preliminary" || signs(session)) return null;
  if (claimable(session)) return el("a", { class: "button", href: "/welcome?step=administrator", text: t("session.set_up") });
  return holds(session, "admin") && el("a", { class: "button", href: "/people", text: t("nav.people") });
}

export function signingOf({ exam, findings, reviews, reports, path, session, act }) {
  const obstacle = obstacleOf({ exam, findings, reviews, session });
  const paper = exam.shown && exam.state !== "draft" && !reports.length;
  return [
    el("h2", { text: t("report.title") }),
    obstacle && el("p", { id: "obstacle", text: obstacle }),
    el("div", { class: "controls" },
      wayToSign(exam, session),
      exam.state === "preliminary" && !obstacle && el("button", { id: "sign", type: "button", class: "primary", text: t("sign.button"), onclick: () => act(() => askSignature(path, exam, session.name)) }),
      isSigned(exam) && signs(session) && el("button", { id: "amend", type: "button", class: pending.size ? "primary" : "", text: t("amend.button"), onclick: () => act(() => askAmendment(path, exam)) }),
      paper && el("a", { class: "button", href: `/api/v1/${path}/report.pdf`, target: "_blank", text: t("report.preliminary") })),
    el("ul", { id: "reports", class: "lines" }, ...reports.map((report) => reportOf(path, report))),
    el("p", { class: "foot", text: t("report.time") }),
  ];
}
