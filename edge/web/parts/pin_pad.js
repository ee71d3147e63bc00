// Large keys for a PIN, for gloves. They write into the field that a keyboard can use as well.

import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";

const LONGEST = 12;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "delete"];
const NAMES = { clear: "pin.clear", delete: "pin.delete" };
const SIGNS = { clear: "C", delete: "\u232b" };
const PRESS = {
  clear: () => "",
  delete: (typed) => typed.slice(0, -1),
};

export function pinPad(box) {
  const press = (key) => { box.value = (PRESS[key]?.(box.value) ?? box.value + key).slice(0, LONGEST); };
  return el("div", { class: "pad", role: "group", "aria-label": t("pin.keys") }, ...KEYS.map((key) =>
    el("button", { type: "button", text: SIGNS[key] ?? key, "aria-label": key in NAMES ? t(NAMES[key]) : key, "data-key": key, onclick: () => press(key) })));
}

// A field for `askForm`.
export const pinField = (label = t("pin.label")) => ({
  name: "pin", label, type: "password", inputmode: "numeric", pattern: "[0-9]{4,12}", maxlength: String(LONGEST), title: t("pin.digits"),
  autocomplete: "off", pad: pinPad,
});
