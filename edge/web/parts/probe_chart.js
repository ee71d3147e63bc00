// Two SVG charts of a probe: the brightness of each element, and the strength of the probe from check to check.

import { dayOf, momentOf, numberOf, t } from "/web/i18n.js";

export const VERDICTS = { pass: "probe.pass", watch: "probe.watch", "do not use": "probe.stop", "can't tell": "probe.unsure" };

const SVG = "http://www.w3.org/2000/svg";
const WIDE = 420;
const HIGH = 220;
const LEFT = 44; // space for the numbers of the scale
const BELOW = 28;

function add(parent, tag, attributes, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.textContent = text;
  parent.append(node);
  return node;
}

// An empty chart with a scale from `low` to `high`; y() is the vertical position of a value.
function begin(place, label, low, high, lines) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  place.replaceChildren(svg);
  const y = (value) => 8 + ((high - Math.min(high, Math.max(low, value))) / (high - low)) * (HIGH - BELOW - 8);
  for (const { value, name } of lines) {
    add(svg, "line", { x1: LEFT, x2: WIDE, y1: y(value), y2: y(value), class: "grid" });
    add(svg, "text", { x: LEFT - 6, y: y(value) + 5, class: "scale-text end" }, numberOf(value));
    if (name) add(svg, "text", { x: WIDE - 4, y: y(value) - 5, class: "scale-text end" }, name);
  }
  return { svg, y };
}

export function drawProfile(place, check) {
  const count = check.profile.length;
  const dead = new Set(check.dead.flatMap((run) => Array.from({ length: run.last - run.first + 1 }, (_, i) => run.first + i)));
  const { svg, y } = begin(place, t("probe.profile_of", { count, dead: dead.size }), -60, 30, [-60, -30, 0, 30].map((value) => ({ value })));
  const step = (WIDE - LEFT) / Math.max(1, count);
  check.profile.forEach((grey, element) => {
    const x = LEFT + element * step;
    const [top, bottom] = [Math.min(y(grey), y(0)), Math.max(y(grey), y(0))];
    const bar = { x, y: top, width: Math.max(1, step * 0.85), height: Math.max(1, bottom - top), class: dead.has(element) ? "element dead" : "element" };
    bar["data-element"] = element;
    add(svg, "rect", bar);
  });
  for (const run of check.dead) {
    const x = LEFT + ((run.first + run.last + 1) / 2) * step;
    add(svg, "text", { x, y: 20, class: "mark" }, "\u00d7");
  }
  add(svg, "text", { x: LEFT, y: HIGH - 8, class: "scale-text" }, "0");
  add(svg, "text", { x: WIDE - 4, y: HIGH - 8, class: "scale-text end" }, numberOf(Math.max(0, count - 1)));
}

// A shape and a colour for each verdict, because not everyone can distinguish the colours.
function mark(svg, x, y, verdict) {
  const attributes = { class: `point ${verdict.replace(/[^a-z]/g, "-")}`, "data-verdict": verdict };
  if (verdict === "pass") return add(svg, "circle", { cx: x, cy: y, r: 6, ...attributes });
  if (verdict === "watch") return add(svg, "path", { d: `M${x} ${y - 8}l8 14h-16z`, ...attributes });
  return add(svg, "rect", { x: x - 6, y: y - 6, width: 12, height: 12, ...attributes });
}

export function drawTrend(place, checks, watch, stop) {
  const shown = checks.filter((check) => check.is_baseline || check.loss !== null);
  const strength = (check) => (check.is_baseline ? 0 : -check.loss);
  const lowest = Math.min(-stop - 10, ...shown.map(strength));
  const lines = [
    { value: 0, name: t("probe.baseline") },
    { value: -watch, name: t("probe.watch") },
    { value: -stop, name: t("probe.stop") },
  ];
  const { svg, y } = begin(place, t("probe.trend_of", { count: shown.length }), lowest, 15, lines);
  const x = (i) => LEFT + 12 + (shown.length > 1 ? (i / (shown.length - 1)) * (WIDE - LEFT - 100) : 0);
  const path = shown.map((check, i) => `${i ? "L" : "M"}${x(i)} ${y(strength(check))}`).join("");
  if (path) add(svg, "path", { d: path, class: "trend" });
  shown.forEach((check, i) => {
    const point = mark(svg, x(i), y(strength(check)), check.verdict);
    add(point, "title", {}, t("probe.point", { when: momentOf(check.at), verdict: t(VERDICTS[check.verdict]), strength: numberOf(strength(check), 1) }));
  });
  if (shown.length) {
    add(svg, "text", { x: LEFT, y: HIGH - 8, class: "scale-text" }, dayOf(shown[0].at));
    add(svg, "text", { x: WIDE - 4, y: HIGH - 8, class: "scale-text end" }, dayOf(shown.at(-1).at));
  }
}
