// On every page: the menu, which is a row of links on a wide screen and a list behind one button on a phone; below, the colours and the
// language; and a line while the appliance does not answer.

import { onReach } from "/web/api.js";
import { language, LANGUAGES, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import "/web/parts/shell.js";

const PAGES = [["/home", "nav.home"], ["/", "nav.scan"], ["/exams", "nav.exams"], ["/probe", "nav.probe"], ["/feedback", "nav.feedback"], ["/device", "nav.device"], ["/people", "nav.people"]];
const THEMES = { dark: "theme.dark", light: "theme.light", sunlight: "theme.sunlight" };

const here = (path) => (path === location.pathname ? { "aria-current": "page" } : {});
const links = PAGES.map(([path, name]) => el("a", { href: path, text: t(name), ...here(path) }));

const menu = el("nav", { id: "menu", popover: "", "aria-label": t("nav.menu") }, ...links);
document.querySelector("header").append(el("button", { type: "button", class: "menu", text: t("nav.menu"), popovertarget: "menu" }), menu);
matchMedia("(min-width: 760px)").addEventListener("change", () => menu.hidePopover?.()); // the row of links is no popover

const choice = (name, options, now, change) => el("label", { text: t(name) },
  el("select", { onchange: ({ target }) => change(target.value) }, ...options.map(([value, text]) => el("option", { value, text, selected: value === now }))));

// The scan page covers its image instead.
if (!document.getElementById("cover")) {
  const away = el("p", { class: "banner degraded", id: "away", role: "status", hidden: true, text: t("offline.again") });
  document.querySelector("header").after(away);
  onReach((answers) => { away.hidden = answers; });
}

function setTheme(theme) {
  localStorage.setItem("theme", theme);
  document.documentElement.dataset.theme = theme;
}

function setLanguage(chosen) {
  localStorage.setItem("language", chosen);
  location.reload();
}

document.body.append(el("footer", { class: "display" },
  choice("theme.title", Object.entries(THEMES).map(([value, name]) => [value, t(name)]), document.documentElement.dataset.theme, setTheme),
  choice("language.title", Object.entries(LANGUAGES), language, setLanguage),
  language !== "en" && el("p", { text: t("language.unchecked") })));
