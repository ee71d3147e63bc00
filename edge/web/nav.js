// On every page: the menu, a row of links on a wide screen and a list behind one button on a phone; and below, the theme.

import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";

const PAGES = [["/", "nav.scan"], ["/exams", "nav.exams"], ["/probe", "nav.probe"], ["/device", "nav.device"], ["/people", "nav.people"]];

const THEMES = { dark: "theme.dark", light: "theme.light", sunlight: "theme.sunlight" };

const here = (path) => (path === location.pathname ? { "aria-current": "page" } : {});
const links = PAGES.map(([path, name]) => el("a", { href: path, text: t(name), ...here(path) }));

document.head.append(el("link", { rel: "stylesheet", href: "/web/style/nav.css" }));
const menu = el("nav", { id: "menu", popover: "", "aria-label": t("nav.menu") }, ...links);
document.querySelector("header").append(el("button", { type: "button", class: "menu", text: t("nav.menu"), popovertarget: "menu" }), menu);
matchMedia("(min-width: 760px)").addEventListener("change", () => menu.hidePopover?.()); // the row of links is no popover

const root = document.documentElement;
const themes = el("select", {}, ...Object.entries(THEMES).map(([value, name]) => el("option", { value, text: t(name), selected: value === root.dataset.theme })));
themes.addEventListener("change", () => {
  localStorage.setItem("theme", themes.value);
  root.dataset.theme = themes.value;
});
document.body.append(el("footer", { class: "display" }, el("label", { text: t("theme.title") }, themes)));
