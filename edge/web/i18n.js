// The words of the page, from i18n/LANGUAGE.json: a text with {names}, or one text for each plural form of {count}.

const LANGUAGES = ["en"];
const wanted = [localStorage.getItem("language"), ...navigator.languages].map((each) => each?.split("-")[0]);
export const language = wanted.find((each) => LANGUAGES.includes(each)) ?? LANGUAGES[0];

const texts = await (await fetch(`/web/i18n/${language}.json`)).json();
const plurals = new Intl.PluralRules(language);
const dates = new Intl.DateTimeFormat(language, { dateStyle: "full" });
const times = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });

const form = (text, { count }) => (typeof text === "string" ? text : text[plurals.select(count)] ?? text.other);

export const t = (key, values = {}) => form(texts[key], values).replace(/{(\w+)}/g, (_, name) => values[name]);

// Of a time stamp of the API, in the time zone of this device.
export const dateOf = (stamp) => dates.format(new Date(stamp));
export const timeOf = (stamp) => times.format(new Date(stamp));

document.documentElement.lang = language;
for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
