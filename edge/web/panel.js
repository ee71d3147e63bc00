// Everything next to the image: findings, quality, figures, source, banners. Only changed text is set.

import { el } from "/web/parts/dom.js";

const STATES = { opening: "opening", streaming: "", lost: "LOST", ended: "ENDED", failed: "FAILED" };

const element = (id) => document.getElementById(id);

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const cards = new Map();

function card(finding) {
  if (!cards.has(finding.key)) {
    const [percent, word, fill] = [el("span", { class: "percent" }), el("span", { class: "word" }), el("i")];
    const root = el("li", { "data-finding": finding.key }, el("h2", { text: finding.name }), percent, word, el("div", { class: "bar" }, fill));
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
    const number = `${answer.percent} %`;
    root.className = `finding ${answer.why ? "unassessed" : answer.verdict}`;
    setText(percent, number);
    setText(word, [answer.word, answer.why].filter(Boolean).join(": "));
    fill.style.width = number.replace(" ", "");
  }
}

export function showQuality(reading) {
  const node = element("quality");
  node.classList.toggle("bad", reading.reasons.length > 0);
  const codes = reading.reasons.map((reason) => `${reason.advice} (${reason.code})`).join(". ");
  const text = codes || "The image is good enough to read";
  if (node.dataset.text === text) return;
  node.dataset.text = text;
  const title = !reading.good ? "Quality: poor" : codes ? "Quality: good, but" : "Quality: good";
  node.replaceChildren(el("strong", { text: title }), el("span", { text }));
}

const rows = new Map();

function figure(name, value, width = "") {
  if (!rows.has(name)) {
    rows.set(name, el("dd"));
    element("figures").append(el("div", { class: width }, el("dt", { text: name }), rows.get(name)));
  }
  setText(rows.get(name), value);
}

function recordingText({ running, path, frames, dropped, problem, fix }) {
  if (problem) return `STOPPED: ${problem}. ${fix}`;
  if (!path) return "none";
  const lost = dropped ? `, ${dropped} not recorded` : "";
  return `${running ? "" : "ended, "}${frames} frames${lost}: ${path.split("/").pop()}`;
}

export function showRecording({ running, problem }) {
  const button = element("record");
  button.setAttribute("aria-pressed", String(running));
  setText(button, running ? "Stop recording" : "Record");
  button.classList.toggle("failed", Boolean(problem));
}

function machineText({ name, by_person: byPerson, validated, advice }) {
  return `${name}${byPerson ? " (stated by a person)" : ""}: ${validated ? "the model is validated on it" : `the model is not validated on it. ${advice}`}`;
}

const REGION_FOUND_BY = { geometry: "geometry", pixels: "pixels", nothing: "not found" };

// `reading` belongs to the image that is shown; null without an image.
export function showFigures(status, reading) {
  const { counts, source } = status;
  const dropped = Object.entries(counts.dropped).map(([cause, frames]) => `${frames} ${cause}`).join(", ") || "none";
  figure("Frames per second", status.frames_per_second.toFixed(1));
  figure("Latency", reading ? `${reading.latency_ms.toFixed(1)} ms` : "none");
  figure("Network", reading ? `${reading.stages_ms.invoke.toFixed(1)} ms` : "none");
  figure("Received", String(counts.received));
  figure("Read", String(counts.read));
  figure("Frame", reading ? String(reading.sequence) : "none");
  figure("Novelty", reading ? reading.novelty.toFixed(2) : "none");
  figure("Model", reading ? reading.release : "none");
  figure("Quality", reading ? `${reading.quality_points} of 100` : "none");
  figure("Region found by", reading ? REGION_FOUND_BY[reading.region] : "none");
  figure("Dropped", dropped, "wide");
  figure("Recording", recordingText(status.recording), "wide");
  figure("Machine", machineText(reading ? reading.machine : source.machine), "wide");
  figure("Source", source.url || "none", "wide");
}

let active = ""; // the release of the newest status

export function showModel({ release, refusal }) {
  if (active && active !== release) {
    const at = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    setText(element("model-changed"), `Model changed at ${at}. Previous model: ${active}.`);
  }
  active = release;
  setText(element("model"), `Model: ${release}.`);
  element("model-problem").hidden = !refusal;
  if (refusal) setText(element("model-problem"), `${refusal.release} was refused: ${refusal.problem}. ${refusal.fix}.`);
}

// Parts of the appliance that failed. Without most of them an exam goes on; while one of them blocks, nothing is recorded.
export function showOutages(outages) {
  const node = element("degraded");
  const blocking = outages.filter(({ blocks }) => blocks);
  node.hidden = outages.length === 0;
  node.classList.toggle("blocks", blocking.length > 0);
  const missing = outages.map(({ silence }) => silence).join(" ");
  const why = blocking.map(({ cause, fix }) => `${cause}. ${fix}.`).join(" ");
  setText(node, why ? `NOT READY. ${missing} ${why}` : `DEGRADED. ${missing} You can continue the exam. Tell the technician.`);
}

export function showSource(source, reading) {
  const simulated = source.simulated || Boolean(reading?.simulated);
  const replay = !simulated && source.origin === "replay";
  const banner = element("banner");
  banner.hidden = !(simulated || replay);
  banner.classList.toggle("replay", replay);
  setText(banner, simulated ? "SIMULATED: no patient" : replay ? `REPLAY: ${source.name}` : "");
  setText(element("source"), [source.name || "no source", STATES[source.state], source.state === "streaming" && source.problem].filter(Boolean).join(" - "));
}

// Belongs to the image that is shown; without an image, to the source.
export function showMachine(source, reading) {
  const { mark, name } = reading ? reading.machine : source.machine;
  const node = element("machine");
  node.hidden = !mark || !(reading || source.origin);
  setText(node, mark ? `${mark}: ${name}` : "");
}

// Hides the image and its findings behind a title and a text.
export function showCover(title, text) {
  element("cover").hidden = !title;
  element("answers").classList.toggle("old", Boolean(title));
  if (!title) return;
  setText(element("cover-title"), title);
  setText(element("cover-text"), text);
}
