// Everything next to the image: findings, quality, figures, source, banners. Only changed text is set.

import { numberOf, percentOf, t, timeOf } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { stated, statedBoth } from "/web/parts/stated.js";
import { answerOf, findingOf, markOf } from "/web/views/words.js";

const STATES = { opening: "source.opening", lost: "source.lost", ended: "source.ended", failed: "source.failed" };

const element = (id) => document.getElementById(id);

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const cards = new Map();

function card(finding) {
  if (!cards.has(finding.key)) {
    const [percent, word, fill] = [el("span", { class: "percent" }), el("span", { class: "word" }), el("i")];
    const root = el("li", { "data-finding": finding.key }, el("h2", { text: findingOf(finding) }), percent, word, el("div", { class: "bar" }, fill));
    element("findings").append(root);
    cards.set(finding.key, { root, percent, word, fill });
  }
  return cards.get(finding.key);
}

// The answers on the last seconds; none where they are hidden, or before the first.
export function showFindings(answers) {
  const shown = new Set(answers.map(({ key }) => key));
  for (const [key, { root }] of cards) if (!shown.has(key)) { root.remove(); cards.delete(key); }
  for (const answer of answers) {
    const { root, percent, word, fill } = card(answer);
    root.className = `finding ${answer.why ? "unassessed" : answer.verdict}`;
    setText(percent, percentOf(answer.percent));
    setText(word, answerOf(answer));
    fill.style.width = `${answer.percent}%`;
  }
}

export function showQuality(reading) {
  const node = element("quality");
  node.classList.toggle("bad", reading.reasons.length > 0);
  const codes = reading.reasons.map((reason) => t("quality.reason", { advice: stated(reason.advice, reason.says), code: reason.code })).join(". ");
  const text = codes || t("quality.text");
  if (node.dataset.text === text) return;
  node.dataset.text = text;
  const title = t(!reading.good ? "quality.poor" : codes ? "quality.good_but" : "quality.good");
  node.replaceChildren(el("strong", { text: title }), el("span", { text }));
}

const rows = new Map();

function figure(key, value, width = "") {
  if (!rows.has(key)) {
    rows.set(key, el("dd"));
    element("figures").append(el("div", { class: width }, el("dt", { text: t(key) }), rows.get(key)));
  }
  setText(rows.get(key), value);
}

const milliseconds = (value) => t("figure.ms", { number: numberOf(value, 1) });

function recordingText({ running, path, frames, dropped, problem, fix, says }) {
  if (problem) return t("record.failed", { problem: statedBoth(problem, fix, says) });
  if (!path) return t("figure.none");
  const recorded = t("film.frames", { count: frames });
  return t(running ? "record.running" : "record.ended", { frames: dropped ? t("record.lost", { frames: recorded, dropped }) : recorded, file: path.split("/").pop() });
}

export function showRecording({ running, problem }) {
  const button = element("record");
  button.setAttribute("aria-pressed", String(running));
  setText(button, t(running ? "scan.stop_record" : "scan.record"));
  button.classList.toggle("failed", Boolean(problem));
}

function machineText({ name, by_person: byPerson, validated, advice, says }) {
  return t(validated ? "machine.validated" : "machine.not_validated", { machine: byPerson ? t("machine.stated", { name }) : name, advice: stated(advice, says) });
}

const REGION_FOUND_BY = { geometry: "figure.by_geometry", pixels: "figure.by_pixels", nothing: "figure.not_found" };

// `reading` belongs to the image that is shown; null without an image.
export function showFigures(status, reading) {
  const { counts, source } = status;
  const dropped = Object.entries(counts.dropped).map(([cause, frames]) => t("figure.dropped_by", { frames, cause })).join(", ") || t("figure.none");
  figure("figure.rate", numberOf(status.frames_per_second, 1));
  figure("figure.latency", reading ? milliseconds(reading.latency_ms) : t("figure.none"));
  figure("figure.network", reading ? milliseconds(reading.stages_ms.invoke) : t("figure.none"));
  figure("figure.received", numberOf(counts.received));
  figure("figure.read", numberOf(counts.read));
  figure("figure.frame", reading ? String(reading.sequence) : t("figure.none"));
  figure("figure.novelty", reading ? numberOf(reading.novelty, 2) : t("figure.none"));
  figure("figure.model", reading ? reading.release : t("figure.none"));
  figure("figure.quality", reading ? t("figure.points", { points: reading.quality_points }) : t("figure.none"));
  figure("figure.region", t(reading ? REGION_FOUND_BY[reading.region] : "figure.none"));
  figure("figure.dropped", dropped, "wide");
  figure("figure.recording", recordingText(status.recording), "wide");
  figure("figure.machine", machineText(reading ? reading.machine : source.machine), "wide");
  figure("figure.source", source.url || t("figure.none"), "wide");
}

let active = ""; // the release of the newest status

export function showModel({ release, refusal }) {
  if (active && active !== release) {
    setText(element("model-changed"), t("model.changed", { at: timeOf(Date.now()), before: active }));
  }
  active = release;
  setText(element("model"), t("model.active", { release }));
  element("model-problem").hidden = !refusal;
  if (refusal) setText(element("model-problem"), t("model.refused", refusal));
}

// Parts of the appliance that failed. Without most of them an exam goes on; while one of them blocks, nothing is recorded.
export function showOutages(outages) {
  const node = element("degraded");
  const blocking = outages.filter(({ blocks }) => blocks);
  node.hidden = outages.length === 0;
  node.classList.toggle("blocks", blocking.length > 0);
  const missing = outages.map(({ silence, silence_says: says }) => stated(silence, says)).join(" ");
  const why = blocking.map(({ cause, fix, says }) => statedBoth(cause, fix, says)).join(" ");
  setText(node, t(why ? "outage.blocks" : "outage.degraded", { missing, why }));
}

export function showSource(source, reading) {
  const simulated = source.simulated || Boolean(reading?.simulated);
  const replay = !simulated && source.origin === "replay";
  const banner = element("banner");
  banner.hidden = !(simulated || replay);
  banner.classList.toggle("replay", replay);
  setText(banner, simulated ? t("exam.simulated") : replay ? t("scan.replay", { source: source.name }) : "");
  setText(element("source"), [source.name || t("source.none"), source.state in STATES && t(STATES[source.state]), source.state === "streaming" && stated(source.problem, source.says)].filter(Boolean).join(" - "));
}

// Belongs to the image that is shown; without an image, to the source.
export function showMachine(source, reading) {
  const { mark, name } = reading ? reading.machine : source.machine;
  const node = element("machine");
  node.hidden = !mark || !(reading || source.origin);
  setText(node, mark ? t("machine.mark", { mark: markOf(mark), machine: name }) : "");
}

// Hides the image and its findings behind a title and a text.
export function showCover(title, text) {
  element("cover").hidden = !title;
  element("answers").classList.toggle("old", Boolean(title));
  if (!title) return;
  setText(element("cover-title"), title);
  setText(element("cover-text"), text);
}
