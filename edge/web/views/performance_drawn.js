// What is drawn of the figures: a share with its interval as a bar, and a reliability diagram. The numbers stand next to them as text.

import { percentOf } from "/web/i18n.js";

const SVG = "http://www.w3.org/2000/svg";
const BOX = { side: 200, left: 44, top: 8, wide: 260, high: 254 }; // of a diagram, in units of its picture
const GRID = [0, 25, 50, 75, 100]; // per cent

function draw(parent, tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  parent?.append(made);
  return made;
}

// The value and its interval, 0 to 1, on a line from 0 to 100 %.
export function barOf({ value, low, high }) {
  const bar = draw(null, "svg", { class: "bar", viewBox: "0 0 200 16", preserveAspectRatio: "none", "aria-hidden": "true" });
  draw(bar, "path", { class: "track", d: "M0 8 H200" });
  draw(bar, "path", { class: "interval", d: `M${200 * low} 8 H${200 * high}` });
  draw(bar, "path", { class: "value", d: `M${200 * value} 1 V15` });
  return bar;
}

const across = (share) => BOX.left + BOX.side * share;
const down = (share) => BOX.top + BOX.side * (1 - share);

// `points` have a probability and a share, 0 to 1; on the dashed line the two are equal.
export function diagramOf(points, label, below, beside) {
  const figure = draw(null, "svg", { class: "reliability", viewBox: `0 0 ${BOX.wide} ${BOX.high}`, role: "img", "aria-label": label });
  for (const percent of GRID) {
    const at = percent / 100;
    draw(figure, "path", { class: "grid", d: `M${across(0)} ${down(at)} H${across(1)} M${across(at)} ${down(0)} V${down(1)}` });
    draw(figure, "text", { x: BOX.left - 5, y: down(at) + 4, "text-anchor": "end" }, percentOf(percent));
    draw(figure, "text", { x: across(at), y: down(0) + 14, "text-anchor": "middle" }, percentOf(percent));
  }
  draw(figure, "path", { class: "equal", d: `M${across(0)} ${down(0)} L${across(1)} ${down(1)}` });
  draw(figure, "text", { x: across(0.5), y: down(0) + 32, "text-anchor": "middle" }, below);
  draw(figure, "text", { transform: `translate(9 ${down(0.5)}) rotate(-90)`, "text-anchor": "middle" }, beside);
  draw(figure, "path", { class: "way", d: points.map(({ probability, share }, index) => `${index ? "L" : "M"}${across(probability)} ${down(share.value)}`).join(" ") });
  for (const { probability, share } of points) {
    draw(figure, "path", { class: "interval", d: `M${across(probability)} ${down(share.low)} V${down(share.high)}` });
    draw(figure, "circle", { class: "dot", cx: across(probability), cy: down(share.value), r: 4 });
  }
  return figure;
}
