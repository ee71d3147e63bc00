// Runs before anything is drawn: the theme, and no touch until the page listens, so that none is lost.
// Ultrasound is read in a dim room, so dark is the first choice.
document.documentElement.dataset.theme = localStorage.getItem("theme") ?? (matchMedia("(prefers-contrast: more)").matches ? "sunlight" : "dark");

const { documentElement: page } = document;
const listen = () => { page.inert = false; };
page.inert = true;
addEventListener("DOMContentLoaded", () => import(document.querySelector("script[type=module]").src).then(listen, listen));
