// What the appliance states, in the language of the page. An English sentence of the API comes with `says`: its code and its values
// (firmware_bridge/says.py). For each code each other language has a text; where there is none, the English sentence is shown.

import { knows, numberOf, oneOf, t } from "/web/i18n.js";

const [NAMED, ACTOR] = ["named", "actor"];
const WORDS = { place: NAMED, state: NAMED, setting: NAMED, kind: NAMED, kinds: NAMED, off_skin: NAMED, operator: ACTOR, name: ACTOR }; // values that are words
const DIGITS = { held: 1 }; // after the decimal point, where a figure counts
const LONGEST = 40; // of the key of words

const keyOf = (prefix, name) => `${prefix}.${name.toLowerCase().replace(/[^a-z0-9]+/g, "_").slice(0, LONGEST)}`;

function wordsOf(prefix, words) {
  const key = keyOf(prefix, words);
  return knows(key) ? t(key) : words;
}

// The words of a protocol or of a table, such as the name of a zone. The words of a site's own file stay as they are.
export const named = (words) => wordsOf(NAMED, words);

// Who did something: a person's name stays, and one without a sign-in has words.
export const actorOf = (name) => wordsOf(ACTOR, name);

function shownAs(name, value) {
  if (typeof value === "object") return translated(value);
  if (name in DIGITS) return numberOf(value, DIGITS[name]);
  return name in WORDS ? oneOf(value.split(" or ").map((words) => wordsOf(WORDS[name], words))) : value;
}

// Null where the page has no text for it, or lacks one of its values.
export function translated(says) {
  if (!says) return null;
  const key = keyOf("says", says.code);
  const values = Object.fromEntries(Object.entries(says.params).map(([name, value]) => [name, shownAs(name, value)]));
  return knows(key, values) ? t(key, values) : null;
}

export const stated = (english, says) => translated(says) ?? english;

// What is wrong and the next step: one text translates both.
export const statedBoth = (what, fix, says) => stated([what, fix].filter(Boolean).map((sentence) => `${sentence}.`).join(" "), says);
