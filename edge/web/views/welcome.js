// The first start in four steps. The address names the step, and the appliance knows whether it has an administrator: a reload loses nothing.

import { t } from "/web/i18n.js";
import "/web/nav.js";
import { el } from "/web/parts/dom.js";
import { patch } from "/web/parts/patch.js";
import { problemsAt } from "/web/parts/problem.js";
import { watchSession } from "/web/session.js";
import { administrator } from "/web/views/welcome_administrator.js";
import { language, probe, test } from "/web/views/welcome_steps.js";

const STEPS = { // in their order: the name of each, and what it shows for a session
  language: ["language.title", language],
  administrator: ["welcome.administrator", administrator],
  probe: ["welcome.probe", probe],
  test: ["welcome.test", test],
};
const NAMES = Object.keys(STEPS);
const asked = new URLSearchParams(location.search).get("step");
const step = Object.hasOwn(STEPS, asked) ? asked : NAMES[0];
const at = NAMES.indexOf(step);

const element = (id) => document.getElementById(id);
const address = (name) => `/welcome?step=${name}`;
const stateProblem = problemsAt(element("problem"));

function dot(name, index) {
  const here = name === step ? { "aria-current": "step" } : {};
  return el("li", {}, el("a", { href: address(name), ...here }, el("i", { text: index < at ? "\u2713" : index + 1, "aria-hidden": "true" }), el("span", { text: t(STEPS[name][0]) })));
}

function ways(goes) {
  const back = at > 0 && el("a", { class: "button", href: address(NAMES[at - 1]), text: t("form.back") });
  const last = at === NAMES.length - 1;
  const next = goes && el("a", { class: "button primary", href: last ? "/home" : address(NAMES[at + 1]), text: t(last ? "welcome.finish" : "welcome.go_on") });
  return el("div", { class: "controls" }, back, next);
}

const page = {
  show: (content, { goes = true } = {}) => patch(element("step"), [...content.filter(Boolean), ways(goes)]),
  problem: (text, cause = "act") => stateProblem(cause, text),
  next: () => location.assign(address(NAMES[at + 1])),
};

element("steps").append(...NAMES.map(dot));
element("title").textContent = t(STEPS[step][0]);
const show = STEPS[step][1];
show(await watchSession((session) => show(session, page)), page);
