// What is drawn of a card: a learning curve with its limits and alarms, and the quartiles of a person and of the site.

import { numberOf, t } from "/web/i18n.js";

const SVG = "http://www.w3.org/2000/svg";
const BOX = { wide: 320, high: 110, left: 30, right: 292, top: 8, bottom: 84 }; // of a curve, in units of its picture
const ROOM = 1.15; // above the highest of scores and limits
const TICKS = 5; // trials named below a curve, at most

function draw(parent, tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  parent?.append(made);
  return made;
}

const lineOf = (points) => points.map(({ x, y }, index) => `${index ? "L" : "M"}${x} ${y}`).join(" ");

// The trials to name below the curve, from the first to the last.
function ticksOf(first, last) {
  const step = Math.max(1, Math.ceil((last - first) / (TICKS - 1)));
  return [...new Set([...Array.from({ length: TICKS }, (_, index) => first + step * index).filter((trial) => trial < last - step / 2), last])];
}

// The score trial by trial: first that of the learner, from the trial with which it reached the limit on that of the warning.
export function curveOf({ finding, first, points, learned_at: shown, lost_at: alarms, learned_limit: learnedLimit, lost_limit: lostLimit }, label) {
  const learned = shown && shown.trial, lost = alarms.map(({ trial }) => trial);
  const last = first + points.length - 1;
  const top = ROOM * Math.max(learned === null || learned >= first ? learnedLimit : 0, learned === null ? 0 : lostLimit, ...points.map(({ score }) => score));
  const across = (trial) => (last > first ? BOX.left + (BOX.right - BOX.left) * (trial - first) / (last - first) : (BOX.left + BOX.right) / 2);
  const down = (score) => BOX.bottom - (BOX.bottom - BOX.top) * score / top;
  const placed = points.map((point, index) => ({ ...point, trial: first + index, x: across(first + index), y: down(point.score) }));
  const learning = placed.filter(({ trial }) => learned === null || trial <= learned);
  const lasting = placed.filter(({ trial }) => learned !== null && trial > learned);

  const figure = draw(null, "svg", { class: "curve", viewBox: `0 0 ${BOX.wide} ${BOX.high}`, role: "img", "aria-label": label });
  draw(figure, "path", { class: "ground", d: `M${BOX.left} ${BOX.top} V${BOX.bottom} H${BOX.right}` });
  const limit = (kind, from, to, score, placed) => {
    draw(figure, "path", { class: `limit ${kind}`, d: `M${from} ${down(score)} H${to}` });
    draw(figure, "text", { y: down(score) + 4, ...placed }, numberOf(score, 1));
  };
  if (learning.length) limit("learned", BOX.left, learned === null ? BOX.right : Math.max(across(learned), BOX.left + 20), learnedLimit, { x: BOX.left - 4, "text-anchor": "end" });
  if (lasting.length) limit("lost", learning.length ? across(learned) : BOX.left, BOX.right, lostLimit, { x: BOX.right + 4 });
  if (learning.length && learned !== null) draw(figure, "path", { class: "change", d: `M${across(learned)} ${BOX.top} V${BOX.bottom}` });
  draw(figure, "path", { class: "way learned", d: lineOf(learning) });
  draw(figure, "path", { class: "way lost", d: lineOf(lasting) });
  for (const { trial, x, y, failed } of placed) {
    if (trial === learned) draw(figure, "path", { class: "reached", d: `M${x} ${y - 6} l6 6 l-6 6 l-6 -6 z` });
    else if (lost.includes(trial)) draw(figure, "path", { class: "alarm", d: `M${x} ${y - 7} l7 12 h-14 z` });
    else if (failed) draw(figure, "path", { class: "failed", d: `M${x - 3} ${y - 3} l6 6 m-6 0 l6 -6` });
    else draw(figure, "circle", { class: "dot", cx: x, cy: y, r: 2 });
  }
  for (const trial of ticksOf(first, last)) draw(figure, "text", { x: across(trial), y: BOX.bottom + 13, "text-anchor": "middle" }, numberOf(trial));
  draw(figure, "text", { x: (BOX.left + BOX.right) / 2, y: BOX.high - 3, "text-anchor": "middle" }, t(finding === null ? "card.exam" : "course.zone"));
  return figure;
}

// Two bars from quartile to quartile with the median, on a line from 0 to `most`; the second, of the site, may be missing.
export function bandsOf(own, site, most) {
  const figure = draw(null, "svg", { class: "bands", viewBox: "0 0 200 32", preserveAspectRatio: "none", "aria-hidden": "true" });
  const bar = (band, y, kind) => {
    draw(figure, "path", { class: "track", d: `M0 ${y} H200` });
    draw(figure, "path", { class: kind, d: `M${200 * band.low / most} ${y} H${Math.max(200 * band.high / most, 200 * band.low / most + 1)}` });
    draw(figure, "path", { class: "value", d: `M${200 * band.median / most} ${y - 7} V${y + 7}` });
  };
  bar(own, 8, "own");
  if (site) bar(site, 24, "site");
  return figure;
}
