// What a person does on the device page: each act once at a time, and the page shows that it runs.

import { ask } from "/web/api.js";
import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { confirmed } from "/web/parts/form.js";
import { changeButton } from "/web/views/site_settings.js";

const running = new Set(); // by the data-key of their buttons
let page = { show: () => {}, refresh: async () => {}, state: () => {} };

export const watchActs = (hooks) => { page = hooks; };
export const runs = (key) => running.has(key);

async function act(key, doing) {
  if (running.has(key)) return;
  running.add(key);
  page.state("", "");
  page.show();
  try {
    page.state("", await doing() ?? "");
  } catch (problem) {
    page.state(problem.message, "");
  }
  await page.refresh();
  running.delete(key);
  page.show();
}

// The button keeps the focus while its act runs. `doing` resolves with what to state afterwards.
export const actButton = (key, text, doing) => el("button", {
  type: "button", "data-key": key, text: runs(key) ? t("device.works") : text, "aria-disabled": String(runs(key)), onclick: () => act(key, doing),
});

export const settingButton = (key) => changeButton(key, () => page.refresh(), (problem) => page.state(problem.message, ""));

export const seenButton = (id) => actButton(`seen ${id}`, t("device.seen"), async () => { await ask("POST", `notices/${encodeURIComponent(id)}/seen`); });

export const backupButton = () => actButton("backup", t("device.backup_make"), async () => {
  const { backups } = await ask("POST", "backups");
  return t("device.backup_made", { count: backups.length });
});

// The dialog names the release; without a yes, nothing is done.
async function change(title, request) {
  if (!await confirmed({ title, text: t("device.model_change"), button: t("device.model_yes") })) return "";
  const { release, before, lasts } = await request();
  return t(lasts ? "device.model_changed" : "device.model_changed_briefly", { release, before });
}

export const useButton = (release) => actButton(`use ${release}`, t("device.model_use"), () =>
  change(t("device.model_ask", { release }), () => ask("POST", "model/activate", { release })));

export const rollbackButton = (previous) => actButton(`back to ${previous}`, t("device.model_previous", { release: previous }), () =>
  change(t("device.model_ask", { release: previous }), () => ask("POST", "model/rollback")));
