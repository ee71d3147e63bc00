// Joins the live stream to the image and the panel.

import { showExam } from "/web/exam.js";
import { hideGuidance, showGuidance } from "/web/guide.js";
import { watch } from "/web/live.js";
import { showCover, showFigures, showFindings, showModel, showQuality, showRecording, showSource } from "/web/panel.js";
import { draw } from "/web/picture.js";

const COVERS = {
  opening: "Opening the source",
  lost: "SIGNAL LOST",
  ended: "RECORDING ENDED",
  failed: "NO SOURCE",
};
const REASONS = {
  // what the cable's faults are called; they say more than the state alone
  "probe-unplugged": "PROBE UNPLUGGED",
  "probe-silent": "PROBE SILENT",
  "probe-garbled": "ONLY NOISE FROM THE PROBE",
  "not-a-probe": "NOT A PROBE",
  "several-probes": "WHICH PROBE?",
  "version-mismatch": "PROBE NEEDS AN UPDATE",
  "source-absent": "PROBE NOT FOUND",
  "source-busy": "PROBE IN USE ELSEWHERE",
  "source-denied": "PROBE NOT ALLOWED",
};
const STALE_MS = 1500; // an image older than this is not shown as live

const freeze = document.getElementById("freeze");
const maps = document.getElementById("maps");
let frozen = false;
let chosen = "b_lines";
let shown = null; // { said, bitmap }: one frame and what was said of it
let drawnAt = 0;

function redraw() {
  const plane = shown.said.reading.findings.findIndex((finding) => finding.key === chosen);
  draw(shown.bitmap, shown.said, plane < 0 ? null : plane);
}

function choose(key) {
  chosen = key;
  for (const button of maps.children) button.setAttribute("aria-pressed", String(button.dataset.map === key));
  if (shown) redraw();
}

function offerMaps(findings) {
  if (maps.children.length) return;
  for (const { key, name } of [...findings, { key: "none", name: "No map" }]) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.map = key;
    button.textContent = name;
    button.addEventListener("click", () => choose(key));
    maps.append(button);
  }
  choose(chosen);
}

function cover(said) {
  const { state, reason, problem, fix } = said.source;
  if (frozen && shown) return showCover("");
  if (state === "streaming") {
    if (performance.now() - drawnAt > STALE_MS) showCover("NO FRAMES", "The source is open but sends nothing");
    return undefined;
  }
  return showCover(REASONS[reason] ?? COVERS[state], [problem, fix].filter(Boolean).join(". "));
}

function onMessage(said, bitmap) {
  showSource(said);
  showRecording(said.recording);
  showExam(said.exam);
  showModel(said.model);
  if (frozen) {
    hideGuidance();
    bitmap?.close();
    return cover(said);
  }
  showFigures(said);
  if (!bitmap) return cover(said);
  shown?.bitmap.close();
  shown = { said, bitmap };
  drawnAt = performance.now();
  offerMaps(said.reading.findings);
  showCover("");
  redraw();
  showFindings(said.reading);
  showQuality(said.reading);
  showGuidance(said.guidance);
  return undefined;
}

freeze.addEventListener("click", () => {
  frozen = !frozen && shown !== null;
  freeze.setAttribute("aria-pressed", String(frozen));
  freeze.textContent = frozen ? "Live" : "Freeze";
  document.getElementById("frozen").hidden = !frozen;
});

const record = document.getElementById("record");
record.addEventListener("click", async () => {
  record.disabled = true;
  const running = record.getAttribute("aria-pressed") === "true";
  const answer = await fetch("/api/v1/recording", { method: running ? "DELETE" : "POST" }).catch(() => null);
  if (!answer?.ok) {
    const problem = await answer?.json().catch(() => null);
    window.alert(problem ? `${problem.detail}. ${problem.fix}.` : "The appliance cannot be heard");
  }
  record.disabled = false;
});

watch(onMessage, () => {
  if (!frozen) showCover("APPLIANCE NOT HEARD", "Check that it is switched on; this page connects again by itself");
});
