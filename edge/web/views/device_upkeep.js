// What a technician maintains: the model, its acceptances, backups, recordings and settings.

import { momentOf, numberOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { drawTrend, VERDICTS } from "/web/parts/probe_chart.js";
import { translated } from "/web/parts/stated.js";
import { backupButton, rollbackButton, runs, settingButton, useButton } from "/web/views/device_acts.js";
import { facts, gated, hasRole, known, list, serves, size, table, text } from "/web/views/device_parts.js";
import { historyOf, nameOf, shownOf } from "/web/views/site_settings.js";

const controls = (...buttons) => buttons.some(Boolean) && el("div", { class: "controls" }, ...buttons);
const item = (key, title, lines, ...buttons) => el("li", { "data-key": key }, el("strong", { text: title }), ...lines.filter(Boolean).map((line) => el("span", { text: line })), controls(...buttons));

const INCOMPLETE = { none: "device.ledger_missing", "in-use": "device.ledger_missing", "other-files": "device.ledger_other_files", damaged: "device.ledger_damaged" };

function releaseOf({ release, built_in: builtIn, signed_by: signedBy, active, shadow, problem, ledger: standing }) {
  const origin = builtIn ? t("device.model_built_in") : signedBy ? t("device.model_signed", { by: signedBy }) : t("device.model_unsigned");
  return item(release, release, [active && t("device.model_active"), shadow && t("device.model_shadow"), origin, problem && t("device.model_unusable", { problem }), standing in INCOMPLETE && t(INCOMPLETE[standing])],
    !active && !problem && useButton(release));
}

export const model = ({ models }) => known(models, ({ active, why, previous, releases }) => [
  facts([[t("device.model_active"), active], [t("device.model_why"), why]]),
  controls(previous && rollbackButton(previous)),
  list(releases.map(releaseOf)),
].filter(Boolean));

const WHO = { signed: "device.ledger_signed", "built-in": "device.ledger_built_in", "in-use": "device.ledger_in_use" };
const written = (content) => el("p", { class: "written", dir: "auto", text: content }); // by a person, in any language
const part = (title, ...lines) => [el("h4", { text: title }), ...lines];

function shadowOf(shadow) {
  if (!shadow) return [text(t("device.ledger_no_shadow"))];
  const { frames, active, skipped, findings, problem } = shadow;
  const found = Object.entries(findings).map(([key, { disagreed, difference }]) =>
    t("device.ledger_shadow_finding", { finding: key, frames: numberOf(disagreed), difference: numberOf(difference, 3) }));
  return [t("device.ledger_shadow_frames", { frames: numberOf(frames), active, skipped: numberOf(skipped) }), ...found, problem].filter(Boolean).map((line) => text(line));
}

function entryOf({ kind, by, at, description, protocol, impact, shadow, acceptances: accepted }) {
  const machines = accepted.map(({ machine, clips, patients, by: who, at: when }) =>
    text(t("device.ledger_accepted_on", { machine, clips: numberOf(clips), patients: numberOf(patients), by: who, when: momentOf(when) })));
  return [
    text(t(WHO[kind] ?? "device.ledger_damaged", { by, when: at ? momentOf(at) : "" })),
    description && el("details", { "data-key": "ledger" }, el("summary", { text: t("device.ledger_more") }),
      ...part(t("device.ledger_description"), written(description)),
      ...part(t("device.ledger_protocol"), written(protocol)),
      ...part(t("device.ledger_impact"), written(impact)),
      ...part(t("device.model_shadow"), ...shadowOf(shadow)),
      ...part(t("device.acceptances"), ...(machines.length ? machines : [text(t("device.acceptance_none"))]))),
  ].filter(Boolean);
}

// The newest entry of the release in use.
export const ledger = (data, session) => gated(session, hasRole, data.ledger, ({ entries }) => [
  el("h3", { text: t("device.ledger") }),
  ...(entries.length ? entryOf(entries[0]) : [text(t("device.ledger_missing"))]),
]);

function acceptanceOf({ id, machine, release, by, at, until, holds, reason }) {
  const state = holds ? t("device.acceptance_holds") : t("device.acceptance_not", { reason });
  return item(id, machine, [state, t("device.acceptance_by", { release, by, when: momentOf(at) }), until && t("device.acceptance_until", { until })]);
}

export const acceptances = (data, session) => gated(session, hasRole, data.acceptances, ({ acceptances: accepted, damaged }) => {
  const lines = [...accepted.map(acceptanceOf), ...damaged.map(({ file, problem, fix }) => item(file, file, [problem, t("device.fix", { fix })]))];
  return [lines.length ? list(lines) : text(t("device.acceptance_none"))];
});

const progress = () => el("div", { role: "status" }, el("progress", { "aria-label": t("device.backup_runs") }), text(t("device.backup_runs")));

const backupOf = ({ folder, file, at, bytes, entries }) =>
  item(`${folder}/${file}`, momentOf(at), [t("device.backup_of", { size: size(bytes), count: entries }), `${folder}/${file}`]);

export const backups = (data, session) => gated(session, serves, data.backups, ({ backups: made }) => [
  controls(backupButton()),
  runs("backup") && progress(),
  made.length ? list(made.map(backupOf)) : text(t("device.backup_none")),
].filter(Boolean));

export const recording = (data) => known(data.recording, ({ running, path, frames, bytes, dropped, problem, fix, says }) => {
  if (!path) return [text(t("device.recording_none"))];
  return [
    facts([
      [t("device.state"), running ? t("device.recording_runs") : t("device.recording_ended")],
      [t("device.recording_frames"), numberOf(frames)],
      [t("device.recording_size"), size(bytes)],
      [t("device.recording_dropped"), numberOf(dropped)],
    ]),
    text(path, "foot"),
    problem && text(translated(says) ?? `${problem}. ${t("device.fix", { fix })}`, "problem"),
  ].filter(Boolean);
});

export const recordings = (data, session) => gated(session, serves, data.recordings, (files) =>
  [files.length ? list(files.map(({ name, bytes, at }) => item(name, name, [`${momentOf(at)}, ${size(bytes)}`]))) : text(t("device.recordings_none"))]);

export const checks = (data) => known(data.checks, ({ checks: made, loss_watch: watch, loss_stop: stop }) => {
  const trend = el("div", { class: "chart" });
  if (made.length) drawTrend(trend, made, watch, stop);
  const last = made.at(-1);
  return [
    text(last ? t("device.check_last", { verdict: t(VERDICTS[last.verdict]), when: momentOf(last.at) }) : t("device.checks_none")),
    last && trend,
    el("div", { class: "controls" }, el("a", { class: "button", href: "/probe", text: t("device.checks_open") })),
  ].filter(Boolean);
});

const shown = (value) => (value === null || value === "" || value?.length === 0 ? t("device.none") : String(value));

const settingOf = ({ key, value, fixed, changed }) => item(key, nameOf(key), [shownOf(key, value), historyOf(fixed, changed)], !fixed && settingButton(key));

export const changeable = (data, session) => gated(session, serves, data.changeable, (each) => [list(each.map(settingOf))]);

export const settings = (data) => known(data.settings, (values) => [
  text(t("device.settings_where")),
  table([t("device.settings_key"), t("device.settings_value")], Object.entries(values).map(([key, value]) => [key, shown(value)])),
]);
