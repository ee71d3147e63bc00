// The course of the patient of an exam: below how much of the pleural line B-lines run, one small chart a zone, and a table with the figures.

import { ask } from "/web/api.js";
import { dayOf, momentOf, numberOf, percentOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { named } from "/web/parts/stated.js";
import { table } from "/web/views/device_parts.js";
import { markOf } from "/web/views/words.js";

const SVG = "http://www.w3.org/2000/svg";
const LOOK_MS = 3000; // while clips are measured
const BOX = { wide: 240, high: 110, left: 40, right: 228, top: 10, bottom: 92 }; // of a chart, in units of its picture
const GRID = [0, 50, 100]; // per cent
const WHY = {
  NOT_MEASURED: "course.not_measured",
  NO_RECORDING: "course.no_recording",
  UNREADABLE: "course.unreadable",
  HIDDEN: "exam.hidden",
  NO_B_LINE_CLASS: "course.no_class",
  POOR_IMAGES: "course.poor",
  NO_LUNG: "course.no_lung",
  LITTLE_PLEURA: "course.little_pleura",
  NO_CONTRAST: "course.no_contrast",
};
const panel = document.getElementById("course");
const figures = el("details", {}); // one that a person opened stays open while clips are measured

let patient = ""; // whose course is shown
let exam = "";
let timer = null;

const whyOf = ({ code }) => (code in WHY ? t(WHY[code]) : code);
const valueOf = (row) => (row.share === null ? whyOf(row) : t("course.value", { share: percentOf(row.share), low: percentOf(row.low), high: percentOf(row.high) }));

function draw(parent, tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

const acrossOf = (first, last) => (at) => (last > first ? BOX.left + 12 + (BOX.right - BOX.left - 24) * (at - first) / (last - first) : (BOX.left + BOX.right) / 2);
const downOf = (percent) => BOX.bottom - (BOX.bottom - BOX.top) * percent / 100;

function chartOf(rows, across) {
  const shown = rows.filter(({ share }) => share !== null);
  const label = t("course.chart", { zone: rows[0].zone, values: rows.map((row) => `${momentOf(row.begun_at)}: ${valueOf(row)}`).join("; ") });
  const figure = el("figure", { "data-zone": rows[0].zone });
  const chart = draw(figure, "svg", { viewBox: `0 0 ${BOX.wide} ${BOX.high}`, role: "img", "aria-label": label });
  for (const percent of GRID) {
    draw(chart, "path", { class: "grid", d: `M${BOX.left} ${downOf(percent)} H${BOX.right}` });
    draw(chart, "text", { x: BOX.left - 6, y: downOf(percent) + 4, "text-anchor": "end" }, percentOf(percent));
  }
  const points = rows.map((row) => ({ ...row, x: across(Date.parse(row.begun_at)) }));
  if (shown.length > 1) draw(chart, "path", { class: "way", d: points.filter(({ share }) => share !== null).map(({ x, share }, index) => `${index ? "L" : "M"}${x} ${downOf(share)}`).join(" ") });
  for (const { x, share, low, high, exam_id: of } of points) {
    if (share === null) draw(chart, "path", { class: "none", d: `M${x - 4} ${BOX.bottom + 4} l8 8 m-8 0 l8 -8` });
    else {
      draw(chart, "path", { class: "spread", d: `M${x} ${downOf(low)} V${downOf(high)} M${x - 6} ${downOf(low)} h12 M${x - 6} ${downOf(high)} h12` });
      draw(chart, "circle", { class: of === exam ? "dot now" : "dot", cx: x, cy: downOf(share), r: 4 });
    }
  }
  const ends = [...new Set([rows[0], rows.at(-1)].map((row) => dayOf(row.begun_at)))];
  figure.append(
    el("div", { class: "ends", dir: "ltr" }, ...ends.map((day) => el("bdi", { text: day }))),
    el("figcaption", { text: `${rows[0].zone} ${named(rows[0].zone_name)}` }));
  return figure;
}

function chartsOf(rows) {
  const times = rows.map(({ begun_at: at }) => Date.parse(at));
  const across = acrossOf(Math.min(...times), Math.max(...times));
  const zones = Map.groupBy ? Map.groupBy(rows, ({ zone }) => zone) : new Map(rows.map(({ zone }) => [zone, rows.filter((row) => row.zone === zone)]));
  return el("div", { class: "courses" }, ...[...zones].sort(([one], [other]) => one.localeCompare(other)).map(([, each]) => chartOf(each, across)));
}

const marksOf = (row) => [row.simulated && t("course.simulated"), row.machine_mark && markOf(row.machine_mark)].filter(Boolean).join(", ");

// A mark that every row has is stated above the charts, and takes no room on a phone.
function tableOf(rows) {
  const differ = new Set(rows.map(marksOf)).size > 1;
  const lines = rows.map((row) => [momentOf(row.begun_at), row.zone, valueOf(row), row.frames ? t("course.frames", { measured: numberOf(row.measured), frames: numberOf(row.frames) }) : "", ...(differ ? [marksOf(row)] : [])]);
  return table(["course.exam", "course.zone", "course.share", "course.of_frames", ...(differ ? ["course.mark"] : [])].map((key) => t(key)), lines);
}

function stateOf(course) {
  if (course.measuring) return t("course.measuring", { count: course.missing });
  return course.failed ? t("course.failed") : "";
}

function show(course) {
  const { rows, missing, measuring, release, repeats_within: points } = course;
  const marks = [...new Set(rows.map(({ machine_mark: mark }) => mark).filter(Boolean))];
  figures.replaceChildren(el("summary", { text: t("course.table") }), tableOf(rows));
  const button = el("button", { type: "button", id: "measure", text: t("course.measure", { count: missing }), onclick: measure });
  const focused = document.activeElement?.id === "measure";
  panel.replaceChildren(...[
    el("h2", { text: t("course.title") }),
    el("p", { text: t("course.about") }),
    rows.some(({ simulated }) => simulated) && el("p", { class: "banner", text: t("exam.simulated") }),
    marks.length > 0 && el("p", { class: "problem", text: t("course.not_validated") }),
    chartsOf(rows),
    el("p", { role: "status", text: stateOf(course) }),
    missing > 0 && !measuring && el("div", { class: "controls" }, button),
    figures,
    el("p", { class: "foot", text: t("course.repeats", { points }) }),
    el("p", { class: "foot", text: t("course.read_by", { release }) }),
    el("p", { class: "notice", text: t("notice") }),
  ].filter(Boolean));
  if (focused) document.getElementById("measure")?.focus();
  panel.hidden = false;
  clearTimeout(timer);
  timer = measuring ? setTimeout(look, LOOK_MS) : null;
}

const pathOf = () => `patients/${encodeURIComponent(patient)}/course`;

async function measure() {
  try {
    show(await ask("POST", pathOf(), {}));
  } catch (problem) {
    panel.querySelector("[role=status]").textContent = problem.message;
  }
}

async function look() {
  const asked = patient;
  const course = document.hidden ? null : await ask("GET", pathOf(), undefined, { alone: true }).catch(() => null);
  if (asked !== patient) return;
  if (course) show(course);
  else timer = setTimeout(look, LOOK_MS);
}

// Of the patient of an exam that has ended; hidden where nobody is known, there is nothing to show, or the person is not allowed to read it.
export async function showCourse({ id, state, patient: whose }) {
  const wanted = state === "draft" ? "" : whose?.id ?? "";
  [patient, exam] = [wanted, id];
  const course = wanted && await ask("GET", pathOf(), undefined, { alone: true }).catch(() => null);
  if (wanted !== patient) return;
  if (course && course.rows.length > 0) show(course);
  else panel.hidden = true;
}
