// The figures of a running appliance: its source, its speed, and the machine.

import { numberOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { stated } from "/web/parts/stated.js";
import { facts, gated, known, serves, size, table, tenths, text } from "/web/views/device_parts.js";
import { SOURCE_STATES, sourceName, trialLine } from "/web/views/source_words.js";
import { markOf } from "/web/views/words.js";

const CAUSES = {
  displaced: "device.cause_displaced", "prepare-failed": "device.cause_prepare_failed", "read-failed": "device.cause_read_failed",
  "payload-crc": "device.cause_payload_crc", truncated: "device.cause_truncated", malformed: "device.cause_malformed", garbage: "device.cause_garbage",
  "sequence-gap": "device.cause_sequence_gap", "sequence-restart": "device.cause_sequence_restart", "before-hello": "device.cause_before_hello",
  "report-lost": "device.cause_report_lost",
  pixels: "device.cause_pixels", flood: "device.cause_flood", "line-gap": "device.cause_line_gap", "probe-drop": "device.cause_probe_drop", damaged: "device.cause_damaged",
  "recording-buffer-full": "device.cause_buffer_full", "cut-off": "device.cause_cut_off", invalid: "device.cause_invalid", unannounced: "device.cause_unannounced",
  undecodable: "device.cause_undecodable", missing: "device.cause_missing", "unreadable image": "device.cause_undecodable",
};
const VERDICTS = { ok: "device.verdict_ok", attention: "device.verdict_attention", failed: "device.verdict_failed", "not checked": "device.verdict_not_checked" };
const STAGES = { latency: "device.stage_latency", prepare: "device.stage_prepare", invoke: "device.stage_invoke", interpret: "device.stage_interpret" };

const causeOf = (code) => {
  const key = CAUSES[code.replace("link:", "")];
  return key ? t(key) : code;
};

function lossesOf(title, frames) {
  const lost = Object.entries(frames).filter(([, count]) => count);
  if (!lost.length) return [];
  return [el("h3", { text: title }), table([t("device.cause"), t("device.frames")], lost.map(([code, count]) => [causeOf(code), numberOf(count)]))];
}

export const source = ({ source: answer, counts, metrics }) => known(answer, ({ name, url, state, simulated, machine, device, firmware, serial_number: serial, losses, trial_left_s: trial }) => [
  trial !== null && el("p", { class: "problem", text: trialLine({ trial_left_s: trial }) }),
  trial !== null && el("a", { class: "button", href: "/welcome?step=test", text: t("welcome.test_see") }),
  simulated && text(t("exam.simulated"), "problem"),
  facts([
    [t("device.name"), sourceName({ name, url })],
    [t("device.state"), t(SOURCE_STATES[state])],
    [t("device.made_by"), machine.name],
    [t("device.rate"), metrics ? tenths(metrics.framesPerSecond) : t("device.unknown")],
    counts?.received !== undefined && [t("device.received"), numberOf(counts.received)],
    counts?.read !== undefined && [t("device.read"), numberOf(counts.read)],
    device && [t("device.probe"), device],
    firmware && [t("device.firmware"), firmware],
    serial && [t("device.serial"), serial],
  ]),
  machine.mark && text(`${markOf(machine.mark)}. ${stated(machine.advice, machine.says)}`, "foot"),
  machine.by_person && text(t("device.by_person"), "foot"),
  ...lossesOf(t("device.dropped"), counts?.dropped ?? {}),
  ...lossesOf(t("device.losses"), losses),
].filter(Boolean));

// The value below which this share of the values lies, at the nearest of them.
const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];

function stageRow(readings, stage, budget) {
  const values = readings.map((each) => (stage === "latency" ? each.latency_ms : each.stages_ms[stage]));
  return [t(STAGES[stage]), tenths(percentile(values, 0.5)), tenths(percentile(values, 0.95)), budget === undefined ? t("device.no_budget") : numberOf(budget, Number.isInteger(budget) ? 0 : 2)];
}

export const speed = ({ readings: answer, metrics }) => known(answer, (readings) => {
  if (!readings.length) return [text(t("device.no_readings"))];
  const rows = Object.keys(STAGES).map((stage) => stageRow(readings, stage, metrics?.budgetsMs[stage]));
  return [table([t("device.stage"), t("device.p50"), t("device.p95"), t("device.budget")], rows), text(t("device.over", { count: readings.length }), "foot")];
});

export const machine = ({ doctor, metrics }, session) => [
  metrics && facts([
    [t("device.memory"), size(metrics.memoryBytes)],
    [t("device.disk"), metrics.diskBytes === null ? t("device.unknown") : t("device.disk_free", { free: size(metrics.diskFreeBytes), all: size(metrics.diskBytes) })],
    [t("device.temperature"), metrics.celsius === null ? t("device.no_sensor") : t("device.celsius", { degrees: tenths(metrics.celsius) })],
  ]),
  ...gated(session, serves, doctor, ({ checks }) => [
    table([t("device.part"), t("device.verdict"), t("device.detail")], checks.map(({ name, verdict, detail }) => [name, t(VERDICTS[verdict]), detail])),
  ]),
].filter(Boolean);
