// Your card: how your answers compare with those of over-readers, your learning curves, how you use the model, and your time and image quality.

import { ask } from "/web/api.js";
import { dayOf, numberOf, percentOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { bandsOf, curveOf } from "/web/views/card_drawn.js";
import { table, text } from "/web/views/device_parts.js";
import { barOf } from "/web/views/performance_drawn.js";
import { findingOf } from "/web/views/words.js";

const WHY = {
  "no-cases": "performance.no_figure",
  few: "performance.few",
  alike: "card.alike",
  "never-differ": "card.never_differ",
  gaps: "card.gaps",
  several: "card.several",
};
const WHOLE_QUALITY = 100;
const panel = document.getElementById("card");

const percent = (value) => percentOf(Math.round(100 * value));
const plain = (value) => numberOf(value, 2);
const whyOf = ({ why }, least) => t(WHY[why] ?? "performance.no_figure", { number: numberOf(least) });

function statedOf(stated, shown, least) {
  if ("why" in stated) return whyOf(stated, least);
  const { value, low, high, patients } = stated;
  return t("performance.figure", { value: shown(value), low: shown(low), high: shown(high), number: numberOf(patients) });
}

// A sentence with the counts, and below it the share with its interval as a bar.
function shareOf(key, { hits, of, share }, none, least) {
  if (!of) return none && text(t(none), "foot");
  const counts = el("span", { text: t(key, { hits: numberOf(hits), of: numberOf(of) }) });
  if ("why" in share) return el("div", { class: "share" }, counts, el("span", { class: "foot", text: whyOf(share, least) }));
  return el("div", { class: "share" }, counts, barOf(share), el("strong", { text: statedOf(share, percent, least) }));
}

const comparedOf = (name, { finding, missed, overcalled, agreement, kappa }, least) => el("article", { "data-finding": finding },
  el("h4", { text: name }),
  shareOf("card.missed", missed, "card.none_present", least),
  shareOf("card.overcalled", overcalled, "card.none_absent", least),
  shareOf("card.agreement", agreement, null, least),
  text(t("card.kappa", { figure: statedOf(kappa, plain, least) }), "foot"));

function courseOf({ finding, learned_at: learned, lost_at: lost }) {
  if (learned === null) return [text(t("card.learning"))];
  const zones = numberOf(learned.trial), exams = numberOf(learned.exam);
  const shown = text(finding === null ? t("card.lasting_images", { exams }) : t("card.lasting", { zones, exams }));
  const alarms = [...new Set(lost.map(({ exam }) => numberOf(exam)))].join(", ");
  return [shown, alarms ? text(t("card.alarms", { exams: alarms }), "problem") : text(t("card.no_alarm"))];
}

// The figures of a curve, point by point; that of the image quality has no zones.
function pointsOf({ finding, points }) {
  const zoned = finding !== null;
  const head = ["card.exam", zoned && "course.zone", "card.day", "card.result", "card.score"].filter(Boolean);
  const rows = points.map(({ exam, zone, on, failed, score }) => [numberOf(exam), ...(zoned ? [zone] : []), dayOf(`${on}T00:00`), t(failed ? "card.fails" : "card.good"), numberOf(score, 2)]);
  return el("details", {}, el("summary", { text: t("performance.table") }), table(head.map((key) => t(key)), rows));
}

function curveArticle(curve) {
  const { protocol, finding, trials, failed, untold } = curve;
  const name = finding === null ? t("card.images") : findingOf({ key: finding });
  const counts = finding === null ? t("card.poor", { hits: numberOf(failed), of: numberOf(trials) }) : t("card.agreement", { hits: numberOf(trials - failed), of: numberOf(trials) });
  return el("article", { "data-curve": `${protocol} ${finding ?? "images"}` },
    el("h5", { text: name }),
    trials > 0 && curveOf(curve, t("card.chart", { name, failed: numberOf(failed), trials: numberOf(trials) })),
    ...courseOf(curve),
    text(counts, "foot"),
    untold > 0 && text(t("card.untold", { number: numberOf(untold) }), "foot"),
    trials > 0 && pointsOf(curve));
}

function curvesOf(curves) {
  return [...new Set(curves.map(({ protocol }) => protocol))].flatMap((protocol) => {
    const own = curves.filter((curve) => curve.protocol === protocol);
    return [
      el("h4", { text: t("card.curve", { protocol }) }),
      text(t("card.curves", { share: percent(own[0].unacceptable) }), "foot"),
      el("div", { class: "curves" }, ...own.map(curveArticle)),
    ];
  });
}

function sideOf(key, side, least) {
  if (!side) return [];
  const { exams, unnamed, chosen, together, findings, scored, scores, curves } = side;
  return [
    el("h3", { text: t(key) }),
    text(t("card.over_read", { number: numberOf(exams) })),
    ...curvesOf(curves),
    el("div", { class: "judged" }, comparedOf(t("card.together"), together, least)),
    el("details", { "data-findings": key }, el("summary", { text: t("card.by_finding") }),
      el("div", { class: "judged" }, ...findings.map((each) => comparedOf(findingOf({ key: each.finding }), each, least))),
      scored > 0 && text(t("card.scores", { figure: statedOf(scores, plain, least) }))),
    unnamed > 0 && text(t("card.unnamed", { number: numberOf(unnamed) }), "foot"),
    chosen > 0 && text(t("card.chosen", { number: numberOf(chosen) }), "foot"),
  ];
}

function trustOf(trust, least) {
  return trust && el("article", { "data-trust": "" },
    el("h4", { text: t("card.trust") }),
    shareOf("card.accepted", trust.accepted, null, least),
    shareOf("card.accepted_wrong", trust.accepted_wrong, "card.none_wrong", least),
    shareOf("card.rejected_right", trust.rejected_right, "card.none_right", least));
}

const bandText = (key, { low, median, high }) => t(key, { low: numberOf(low, 1), median: numberOf(median, 1), high: numberOf(high, 1) });

function bandOf(key, own, site, most, least) {
  if (!own) return null;
  return el("div", { class: "share" },
    el("span", { text: t(key) }),
    bandsOf(own, site, most),
    el("strong", { text: bandText("card.yours", own) }),
    el("span", { class: "foot", text: site ? bandText("card.site", site) : t("card.no_site", { number: numberOf(least) }) }));
}

const paceOf = ({ protocol, untimed, minutes, quality, site_minutes: siteMinutes, site_quality: siteQuality }, least) => el("article", { "data-pace": protocol },
  el("h4", { text: t("card.pace", { protocol }) }),
  bandOf("card.minutes", minutes, siteMinutes, 1.1 * Math.max(minutes?.high ?? 0, siteMinutes?.high ?? 0), least),
  bandOf("card.quality", quality, siteQuality, WHOLE_QUALITY, least),
  untimed > 0 && text(t("card.untimed", { number: numberOf(untimed) }), "foot"),
  text(t("card.quartiles"), "foot"));

function workOf({ trust, paces }, least) {
  if (!trust && !paces.length) return [];
  return [el("h3", { text: t("card.work") }), el("div", { class: "judged" }, trustOf(trust, least), ...paces.map((each) => paceOf(each, least)))];
}

function groupOf(group, least) {
  if (!group) return [el("h3", { text: t("card.group") }), text(t("card.no_group", { number: numberOf(least) }), "foot")];
  const rows = group.findings.map(({ finding, fleiss, alpha }) => [findingOf({ key: finding }), statedOf(fleiss, plain, least), statedOf(alpha, plain, least)]);
  return [
    el("h3", { text: t("card.group") }),
    text(t("card.readers", { number: numberOf(group.readers) })),
    table([t("feedback.finding"), t("card.fleiss"), t("card.alpha")], rows),
    text(t("card.group_scores", { figure: statedOf(group.scores, plain, least) })),
    text(t("card.icc", { figure: statedOf(group.icc, plain, least) })),
  ];
}

const notYet = ({ running, failed }) => text(t(running ? "card.running" : failed ? "card.failed" : "card.none"));

function cardOf({ day, least, card, group, running, failed }) {
  if (day === null) return [notYet({ running, failed })];
  return [
    text(t("card.about", { day: dayOf(`${day}T00:00`) })),
    failed && notYet({ running, failed }),
    ...(card ? [
      ...sideOf("card.operator", card.operator, least),
      ...sideOf("card.reader", card.reader, least),
      !card.operator && !card.reader && text(t("card.nothing")),
      ...workOf(card, least),
      ...groupOf(group, least),
    ] : [text(t("card.empty"))]),
  ];
}

// Shows the card of the person who is signed in; `state` receives what went wrong.
export async function showCard(state) {
  try {
    const answer = await ask("GET", "cards/mine");
    panel.replaceChildren(...[...cardOf(answer), el("p", { class: "notice", text: t("notice") })].filter(Boolean));
    state("");
  } catch (problem) {
    state(problem.message);
  }
}

// Shows something else in its place.
export const hideCard = (content) => panel.replaceChildren(...content);
