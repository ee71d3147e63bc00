// The steps of the first start that change nothing or one thing: the language, the source of the images, and a test scan.

import { ask } from "/web/api.js";
import { language as chosen, LANGUAGES, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { SOURCE_STATES, sourceName, trialLine } from "/web/views/source_words.js";
import { changeButton, shownOf } from "/web/views/site_settings.js";
import { markOf } from "/web/views/words.js";

const EVERY_MS = 3000;

const text = (content, kind) => el("p", kind ? { class: kind, text: content } : { text: content });
const link = (href, key, kind = "button") => el("a", { class: kind, href, "data-key": key, text: t(key) });
const button = (key, act, kind = "") => el("button", { type: "button", class: kind, "data-key": key, text: t(key), onclick: act });
const controls = (...content) => el("div", { class: "controls" }, ...content);

function choose(language) {
  localStorage.setItem("language", language);
  location.assign("/welcome?step=administrator");
}

export function language(_, page) {
  const choices = Object.entries(LANGUAGES).map(([code, name]) =>
    el("button", { type: "button", lang: code, dir: "auto", text: name, "data-language": code, "aria-pressed": String(code === chosen), onclick: () => choose(code) }));
  page.show([text(t("welcome.language_text")), el("div", { class: "languages" }, ...choices)]);
}

// Shows the source and the settings now, and again as they change; without a connection, what was shown stays.
function follow(page, content) {
  const show = async () => {
    try {
      const [source, settings] = await Promise.all(["source", "settings"].map((path) => ask("GET", path, undefined, { alone: true })));
      page.show(content(source, show, settings));
      page.problem("", "source");
    } catch (problem) {
      page.problem(problem.message, "source");
    }
  };
  clearInterval(follow.timer); // of another session
  follow.timer = setInterval(() => { if (!document.hidden) show(); }, EVERY_MS);
  return show();
}

const fact = (key, value) => el("div", {}, el("dt", { text: t(key) }), el("dd", { text: value }));

export const probe = (_, page) => follow(page, (source, show, { site }) => [
  text(t("setting.site_hint")),
  el("dl", { class: "figures" }, fact("setting.site", shownOf("site", site))),
  controls(changeButton("site", show, (problem) => page.problem(problem.message))),
  text(t("welcome.probe_text")),
  el("dl", { class: "figures" }, fact("device.name", sourceName(source)), fact("device.state", t(SOURCE_STATES[source.state])), fact("device.made_by", source.machine.name)),
  source.simulated && text(t("exam.simulated"), "problem"),
  source.problem && text([source.problem, source.fix].filter(Boolean).map((each) => `${each}.`).join(" "), "problem"),
  source.machine.mark && text(`${markOf(source.machine.mark)}. ${source.machine.advice}`, "foot"),
  text(t("device.settings_where"), "foot"),
  controls(link("/probe", "nav.probe")),
]);

// Does it, and shows what has become of it.
const act = (page, method, then) => async () => {
  try {
    await ask(method, "source/trial");
    page.problem("");
    await then();
  } catch (problem) {
    page.problem(problem.message);
  }
};

function trial(source, page, show) {
  const open = link("/", "welcome.open_scan", "button primary");
  if (trialLine(source)) return [text(trialLine(source)), controls(open, button("welcome.test_end", act(page, "DELETE", show)))];
  if (source.simulated) return [text(t("welcome.test_simulated")), controls(open)];
  return [text(t("welcome.test_text")), controls(button("welcome.test_button", act(page, "PUT", () => location.assign("/")), "primary"))];
}

const roles = () => [text(t("welcome.people_text")), controls(link("/people", "welcome.people"))];

export const test = (_, page) => follow(page, (source, show) => [...trial(source, page, show), ...roles()]);
