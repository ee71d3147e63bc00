// The guidance: one line in one colour with the most useful next step, shown for at most FRESH_MS. A tick sounds for a good frame of a zone.

import { t } from "/web/i18n.js";
import { say } from "/web/parts/speaker.js";
import { stated } from "/web/parts/stated.js";

const FRESH_MS = 300;
const TICK_EVERY_MS = 500;
const WORDS = { red: "guide.red", amber: "guide.amber", green: "guide.green" };

const line = document.getElementById("guide");
const sound = document.getElementById("sound");
let until = 0; // performance.now() at which the line expires
let tickedAt = 0;
let audio = null;
let muted = localStorage.getItem("muted") === "yes";

function show(text, colour) {
  if (line.textContent !== text) line.textContent = text;
  line.dataset.colour = colour;
}

function tick() {
  const now = performance.now();
  if (muted || !audio || audio.state !== "running" || now - tickedAt < TICK_EVERY_MS) return;
  tickedAt = now;
  const [tone, volume] = [audio.createOscillator(), audio.createGain()];
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.15, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.06);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.06);
}

// `taking`: a zone of an exam is being taken; otherwise nobody waits for a sound.
export function showGuidance(guidance, taking) {
  if (!guidance) return;
  until = performance.now() + FRESH_MS - guidance.age_ms;
  show(t(WORDS[guidance.colour], { text: stated(guidance.text, guidance.says) }), guidance.colour);
  line.dataset.code = guidance.code;
  say(guidance.code === "HOLD" ? guidance.code : guidance.text, line.textContent);
  if (taking && guidance.colour === "green") tick();
}

export function hideGuidance() {
  until = 0;
  show("", "");
}

function showSound() {
  sound.setAttribute("aria-pressed", String(!muted));
  sound.textContent = t(muted ? "scan.sound_off" : "scan.sound_on");
}

sound.addEventListener("click", () => {
  muted = !muted;
  localStorage.setItem("muted", muted ? "yes" : "no");
  showSound();
});
// browsers allow a page to play sound only after a touch
document.addEventListener("pointerdown", () => { (audio ??= new AudioContext()).resume(); });
setInterval(() => { if (performance.now() > until) show("", ""); }, 50);
showSound();
