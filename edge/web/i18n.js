// The words of the page, from i18n/LANGUAGE.json: a text with {names}, or one text for each plural form of {count}.

export const LANGUAGES = { en: "English", fr: "Français", es: "Español", sw: "Kiswahili", am: "አማርኛ", ar: "العربية", hi: "हिन्दी" };
const RIGHT_TO_LEFT = new Set(["ar"]);
const wanted = [localStorage.getItem("language"), ...navigator.languages].map((each) => `${each}`.split("-")[0]);
export const language = wanted.find((each) => Object.hasOwn(LANGUAGES, each)) ?? "en";

const answerOf = (file) => fetch(`/web/i18n/${file}.json`);
// The page's own words, and those for what the appliance states, which is English itself; see parts/stated.js.
const answers = await Promise.all([language, ...(language === "en" ? [] : [`stated/${language}`])].map(answerOf));
const texts = Object.assign({}, ...await Promise.all(answers.map((answer) => answer.json())));
export const shell = answers[0].headers.get("ETag")?.match(/[0-9a-f]{16}/)?.[0]; // the version of the files of the pages, as the appliance names it
const locale = `${language}-u-nu-latn`; // the digits of the keys and of the image
const plurals = new Intl.PluralRules(language);
const choices = new Intl.ListFormat(language, { type: "disjunction" });
const ages = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const AGES = [["minute", 1, 60], ["hour", 60, 48 * 60], ["day", 24 * 60, Infinity]]; // [unit, its minutes, used below so many minutes]
const formats = (...styles) => styles.map((style) => new Intl.DateTimeFormat(locale, style));
const [dates, times, seconds, days, moments] = formats(
  { dateStyle: "full" },
  { hour: "2-digit", minute: "2-digit" },
  { timeStyle: "medium" },
  { dateStyle: "medium" },
  { dateStyle: "medium", timeStyle: "short" },
);

// With so many digits after the decimal point.
export const numberOf = (value, digits = 0) => value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const percentOf = (value) => t("number.percent", { number: numberOf(value) });

export const oneOf = (names) => choices.format(names); // "one, two, or three"

const form = (text, { count }) => (typeof text === "string" ? text : text[plurals.select(count)] ?? text.other);
const shown = (value) => (typeof value === "number" ? value.toLocaleString(locale) : value);

// Whether there is a text under a key, and a value for each name in it.
export function knows(key, values = {}) {
  if (!Object.hasOwn(texts, key)) return false;
  return [...form(texts[key], values).matchAll(/{(\w+)}/g)].every(([, name]) => (values[name] ?? null) !== null);
}

export const t = (key, values = {}) => form(texts[key], values).replace(/{(\w+)}/g, (_, name) => shown(values[name]));

// Of a time stamp of the API, in the time zone of this device. The first is long, the others fit a table.
export const dateOf = (stamp) => dates.format(new Date(stamp));
export const timeOf = (stamp) => times.format(new Date(stamp));
export const secondOf = (stamp) => seconds.format(new Date(stamp));
export const dayOf = (stamp) => days.format(new Date(stamp));
export const momentOf = (stamp) => moments.format(new Date(stamp));

// How long ago a time stamp is, such as "5 minutes ago"; `at` is the time now, in milliseconds.
export function agoOf(stamp, at) {
  const minutes = Math.round((at - Date.parse(stamp)) / 60_000);
  const [unit, size] = AGES.find(([, , most]) => Math.abs(minutes) < most);
  return ages.format(-Math.round(minutes / size), unit);
}

// data-t names the text of an element, data-t-NAME its attribute NAME, such as aria-label.
function translate(node, { name, value }) {
  if (name === "data-t") node.textContent = t(value);
  else if (name.startsWith("data-t-")) node.setAttribute(name.slice("data-t-".length), t(value));
}

document.documentElement.lang = language;
document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
for (const node of document.querySelectorAll("*")) for (const attribute of [...node.attributes]) translate(node, attribute);
