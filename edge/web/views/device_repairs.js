// What is wrong now, with its next step, and what was not checked.

import { Problem } from "/web/api.js";
import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { stated, translated } from "/web/parts/stated.js";
import { actButton, backupButton, rollbackButton, seenButton } from "/web/views/device_acts.js";
import { gated, moment, serves, text } from "/web/views/device_parts.js";

const KINDS = { failed: "device.kind_failed", attention: "device.kind_attention", notice: "device.kind_notice" };
const PASSING = "now"; // the id of a notice that ends with its cause: nobody can mark it as seen
const WRONG = new Set(["failed", "attention"]);

const answered = (answer) => answer !== undefined && !(answer instanceof Problem);

function lineOf({ key, kind, what, why, fix }, ...buttons) {
  return el("li", { class: "repair", "data-kind": kind, "data-key": key },
    el("span", { class: "word", text: t(KINDS[kind]) }),
    el("strong", { text: what }),
    why && el("span", { text: why }),
    fix && el("span", { class: "fix", text: t("device.fix", { fix }) }),
    buttons.some(Boolean) && el("div", { class: "controls" }, ...buttons));
}

function ofHealth(health) {
  if (health instanceof Problem) return [lineOf({ key: "health", kind: "failed", what: t("device.not_ready"), why: health.message })];
  return (health?.outages ?? []).map(({ name, silence, silence_says: missing, cause, fix, says, blocks }) =>
    lineOf({ key: `outage ${name}`, kind: blocks ? "failed" : "attention", what: stated(silence, missing), ...causeOf(cause, fix || t("device.restart"), says) }));
}

// One text translates the cause and the next step.
const causeOf = (why, fix, says) => (translated(says) ? { why: translated(says) } : { why, fix });

const ofPart = (key, what) => (part) => (answered(part) && part.problem ? [lineOf({ key, kind: "attention", what, ...causeOf(part.problem, part.fix, part.says) })] : []);
const ofSource = ofPart("source", t("device.source_wrong"));
const ofRecording = ofPart("recording", t("device.recording_wrong"));

const ofDoctor = (doctor) => doctor.checks.filter(({ verdict }) => WRONG.has(verdict)).map(({ name, verdict, detail, fix }) =>
  lineOf({ key: `check ${name}`, kind: verdict, what: t("device.check", { name }), why: detail, fix }, name === "backups" && backupButton()));

const ofNotices = (notices, previous) => notices.notices.map(({ id, code, what, fix, at }) =>
  lineOf({ key: `notice ${id}`, kind: "notice", what, why: t("device.since", { when: moment(at) }), fix },
    id !== PASSING && seenButton(id), code === "model-distrusted" && previous && rollbackButton(previous)));

function ofModels({ refusal, previous }) {
  if (!refusal) return [];
  const { release, at, problem, fix, says } = refusal;
  return [lineOf({ key: "refusal", kind: "attention", what: t("device.model_refused", { release, when: moment(at) }), ...causeOf(problem, fix, says) }, previous && rollbackButton(previous))];
}

function notChecked({ checks }) {
  const left = checks.filter(({ verdict }) => verdict === "not checked");
  return el("details", {},
    el("summary", { text: t("device.not_checked", { count: left.length }) }),
    el("ul", {}, ...left.map(({ name, detail, fix }) => el("li", {}, el("strong", { text: t("device.check", { name }) }), ` ${detail}. ${fix}.`))));
}

// Everything that is wrong, in the order in which a technician repairs it.
function linesOf({ health, source, recording, doctor, models, notices }) {
  return [
    ...ofHealth(health), ...ofSource(source), ...ofRecording(recording),
    ...(answered(doctor) ? ofDoctor(doctor) : []),
    ...(answered(models) ? ofModels(models) : []),
    ...(answered(notices) ? ofNotices(notices, answered(models) && models.previous) : []),
  ];
}

export function repairs(data, session) {
  const lines = linesOf(data);
  const none = answered(data.doctor) ? t("device.nothing_wrong", { when: moment(data.checkedAt) }) : t("device.nothing_seen");
  return [
    lines.length ? el("ul", { class: "repairs" }, ...lines) : data.health && el("p", { class: "fine", text: none }),
    ...gated(session, serves, data.doctor, (doctor) => [
      text(t("device.checked", { when: moment(data.checkedAt) }), "foot"),
      notChecked(doctor),
      el("div", { class: "controls" }, actButton("check", t("device.check_again"), async () => {})),
    ]),
  ].filter(Boolean);
}
