// The settings that a person changes while the appliance runs: for the device page and the first start.

import { ask } from "/web/api.js";
import { momentOf, numberOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { askForm } from "/web/parts/form.js";
import { actorOf } from "/web/parts/stated.js";

const number = (min, max) => ({ type: "number", min, max, step: 1, inputmode: "numeric", from: Number, shown: numberOf });
const KINDS = { // by key, as edge/settings.py bounds them
  site: { label: "setting.site", hint: "setting.site_hint", maxlength: "100", required: false, from: String, shown: (name) => name || t("setting.site_none") },
  keep_days: { label: "setting.keep_days", hint: "setting.keep_days_hint", ...number(0, 999999) },
  free_floor_mb: { label: "setting.free_floor_mb", hint: "setting.free_floor_mb_hint", ...number(0, 1e9) },
  jpeg_quality: { label: "setting.jpeg_quality", hint: "setting.jpeg_quality_hint", ...number(1, 100) },
};

export const nameOf = (key) => t(KINDS[key].label);
export const shownOf = (key, value) => KINDS[key].shown(value);

export function historyOf(fixed, changed) {
  if (fixed) return t("setting.fixed");
  return changed ? t("setting.changed", { by: actorOf(changed.by), when: momentOf(changed.at) }) : t("setting.never");
}

async function askSetting(key) {
  const { label, hint, from, shown: _, ...input } = KINDS[key];
  const now = await ask("GET", "settings");
  return askForm({
    title: t(label),
    fields: [{ name: "value", label: t(label), hint: t(hint), value: String(now[key]), autocomplete: "off", autofocus: true, ...input }],
    button: t("setting.save"),
    act: ({ value }) => ask("PATCH", "settings", { [key]: from(value) }),
  });
}

// Calls `changed()` after a change, and `failed(problem)` where the appliance does not answer.
export function changeButton(key, changed, failed) {
  const change = async () => { if (await askSetting(key)) await changed(); };
  return el("button", { type: "button", "data-key": `set ${key}`, "aria-label": t("setting.change", { name: nameOf(key) }), text: t("setting.change_short"), onclick: () => change().catch(failed) });
}
