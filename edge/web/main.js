// Connects the live stream with the image and the panel.

import { ask } from "/web/api.js";
import "/web/nav.js";
import { coverOf } from "/web/cover.js";
import { isTaking, offerProtocols, showCurrent, showExam } from "/web/exam.js";
import { hideGuidance, showGuidance } from "/web/guide.js";
import { t } from "/web/i18n.js";
import { watch } from "/web/live.js";
import { showCover, showFigures, showFindings, showMachine, showModel, showOutages, showQuality, showRecording, showSource } from "/web/panel.js";
import { el } from "/web/parts/dom.js";
import { tell } from "/web/parts/form.js";
import { compareShell } from "/web/parts/shell.js";
import { draw } from "/web/picture.js";
import { refreshSession, watchSession } from "/web/session.js";
import { findingOf } from "/web/views/words.js";

const REFRESH_MS = 200; // how often the age of the image is checked

const freeze = document.getElementById("freeze");
const maps = document.getElementById("maps");
const live = { connected: null, status: null, frameAt: null, since: performance.now(), rejected: 0, broken: "" }; // see coverOf
let frozen = false;
let chosen = "b_lines";
let shown = null; // { frame, bitmap }: one frame message and its image

function redraw() {
  const plane = shown.frame.reading.findings.findIndex((finding) => finding.key === chosen);
  draw(shown.bitmap, shown.frame, plane < 0 ? null : plane);
}

function choose(key) {
  chosen = key;
  for (const button of maps.children) button.setAttribute("aria-pressed", String(button.dataset.map === key));
  if (shown) redraw();
}

function offerMaps(findings) {
  if (maps.children.length) return;
  for (const finding of [...findings, { key: "none", name: t("scan.no_map") }]) {
    maps.append(el("button", { type: "button", "data-map": finding.key, text: findingOf(finding), onclick: () => choose(finding.key) }));
  }
  choose(chosen);
}

// Covers or shows the image, and states its source. Returns the cover or null.
function refresh() {
  const cover = frozen ? null : coverOf(live, performance.now());
  showCover(...(cover ?? [""]));
  if (frozen || cover) hideGuidance();
  if (!live.status) return cover;
  showSource(live.status.source, shown?.frame.reading);
  showMachine(live.status.source, shown?.frame.reading);
  if (!frozen) showFigures(live.status, cover ? null : shown.frame.reading);
  return cover;
}

function onStatus(status) {
  if (!live.status) live.rejected = status.stream.rejected;
  live.status = status;
  showRecording(status.recording);
  showExam(status.exam);
  showModel(status.model);
  showOutages(status.outages);
  refresh();
}

function onFrame(frame, bitmap) {
  if (frozen) return bitmap.close();
  shown?.bitmap.close();
  shown = { frame, bitmap };
  offerMaps(frame.reading.findings);
  redraw();
  showFindings(frame.answers);
  showQuality(frame.reading);
  Object.assign(live, { frameAt: performance.now(), rejected: frame.rejected, broken: "" });
  if (!refresh()) showGuidance(frame.guidance, live.status !== null && isTaking());
  return undefined;
}

function onBroken(error) {
  live.broken = error.message;
  refresh();
}

// Forgets the previous connection: nothing of it counts as live.
function startAgain(connected) {
  Object.assign(live, { connected, status: null, frameAt: null, since: performance.now(), broken: "" });
  refresh();
}

freeze.addEventListener("click", () => {
  frozen = !frozen && shown !== null;
  if (!frozen) Object.assign(live, { frameAt: null, since: performance.now() }); // the frozen image is old
  freeze.setAttribute("aria-pressed", String(frozen));
  freeze.textContent = t(frozen ? "scan.live" : "scan.freeze");
  document.getElementById("frozen").hidden = !frozen;
  refresh();
});

const record = document.getElementById("record");
record.addEventListener("click", async () => {
  record.disabled = true;
  const running = record.getAttribute("aria-pressed") === "true";
  await ask(running ? "DELETE" : "POST", "recording").catch((problem) => tell({ title: t(running ? "record.still" : "record.not"), text: problem.message }));
  record.disabled = false;
});

// The image stays in view below the bars, however many there are.
const bars = document.getElementById("bars");
new ResizeObserver(() => document.body.style.setProperty("--bars", `${bars.offsetHeight}px`)).observe(bars);

function onConnected() {
  if (live.connected === false) { refreshSession(); showCurrent(); }
  if (!document.getElementById("exam-protocol").length) offerProtocols(); // the appliance was away when the page opened
  startAgain(true);
  compareShell(() => live.status?.exam.running ?? true);
}

watch({ onFrame, onStatus, onBroken, onConnected, onLost: () => startAgain(false) });
setInterval(refresh, REFRESH_MS);
await watchSession(showCurrent);
