// What is drawn of the drift watch: the sign of a verdict, and the highest scores over the exams in parts of their limits.

import { numberOf } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";

const SVG = "http://www.w3.org/2000/svg";
const BOX = { wide: 480, high: 190, left: 8, right: 472, top: 10, bottom: 160 }; // in units of the picture
const WATCH_FROM = 0.7; // of a limit, as edge/feedback/drift/verdict.py has it
const HIGHEST = 1.15; // at least this much of the limit is shown
const DASHES = ["", "7 4", "2 4", "10 4 2 4"]; // the dashes show which line it is, and not its colour alone
const SIGNS = {
  steady: "M4 12 l5 5 L20 6",
  watch: "M12 3 L22 20 H2 Z M12 9 V14 M12 16.5 V17.5",
  stop: "M8 2 H16 L22 8 V16 L16 22 H8 L2 16 V8 Z M7 12 H17",
};
const WAITS = "M12 2 a10 10 0 1 0 .01 0 M12 6 V12 L16 14";

function draw(parent, tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  parent?.append(made);
  return made;
}

export function signOf(state) {
  const sign = draw(null, "svg", { class: "sign", viewBox: "0 0 24 24", "aria-hidden": "true" });
  draw(sign, "path", { d: SIGNS[state] ?? WAITS });
  return sign;
}

// `at` are numbers of exams, each line has `shares` at them and a `name`; `words` name the two limits and the axis.
export function chartOf(at, lines, words, label, percent) {
  const most = Math.max(HIGHEST, ...lines.flatMap(({ shares }) => shares)) * 1.05;
  const across = (number) => BOX.left + (BOX.right - BOX.left) * (number - at[0]) / (at.at(-1) - at[0]);
  const down = (share) => BOX.bottom - (BOX.bottom - BOX.top) * share / most;
  const figure = el("figure", { class: "drifting" });
  const values = lines.map(({ name, shares }) => `${name}: ${percent(shares.at(-1))}`).join("; ");
  const chart = draw(figure, "svg", { viewBox: `0 0 ${BOX.wide} ${BOX.high}`, role: "img", "aria-label": `${label}. ${values}` });
  draw(chart, "path", { class: "base", d: `M${BOX.left} ${BOX.bottom} H${BOX.right}` });
  for (const [kind, share] of [["watch", WATCH_FROM], ["stop", 1]]) {
    draw(chart, "path", { class: `limit ${kind}`, d: `M${BOX.left} ${down(share)} H${BOX.right}` });
    draw(chart, "text", { x: BOX.left + 2, y: down(share) - 5 }, words[kind]);
  }
  lines.forEach(({ shares }, index) => {
    const way = shares.map((share, place) => `${place ? "L" : "M"}${across(at[place]).toFixed(1)} ${down(share).toFixed(1)}`).join(" ");
    draw(chart, "path", { class: `way way-${index}`, d: way, "stroke-dasharray": DASHES[index] });
  });
  draw(chart, "text", { x: BOX.left, y: BOX.bottom + 18 }, numberOf(at[0]));
  draw(chart, "text", { x: BOX.right, y: BOX.bottom + 18, "text-anchor": "end" }, numberOf(at.at(-1)));
  draw(chart, "text", { x: (BOX.left + BOX.right) / 2, y: BOX.bottom + 18, "text-anchor": "middle" }, words.exams);
  figure.append(el("ul", { class: "legend" }, ...lines.map(({ name, shares }, index) => legendOf(name, percent(shares.at(-1)), index))));
  return figure;
}

function legendOf(name, share, index) {
  const line = el("li", {});
  const sample = draw(line, "svg", { viewBox: "0 0 40 8", "aria-hidden": "true" });
  draw(sample, "path", { class: `way way-${index}`, d: "M0 4 H40", "stroke-dasharray": DASHES[index] });
  line.append(el("span", { text: `${name}: ${share}` }));
  return line;
}
