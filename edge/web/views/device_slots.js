// The release that runs, the slots, what happened to them, and what a person may ask the board to do.

import { ask } from "/web/api.js";
import { momentOf, numberOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { confirmed } from "/web/parts/form.js";
import { actButton } from "/web/views/device_acts.js";
import { facts, known, list, serves, text } from "/web/views/device_parts.js";

const ROLES = { active: "device.slot_active", trial: "device.slot_trial", previous: "device.slot_previous" };
const STATES = { pass: "device.selftest_pass", watch: "device.selftest_watch", fail: "device.selftest_fail", "not tested": "device.selftest_untested" };
let report = null;

// What the board itself states is English, like its log.
const stated = (words) => el("span", { lang: "en", dir: "ltr", text: words });

const WISHES = {
  apply: { button: "device.slots_apply", title: "device.slots_apply_ask", text: "device.slots_apply_text" },
  restart: { button: "device.slots_restart", title: "device.slots_restart_ask", text: "device.slots_restart_text" },
  rollback: { button: "device.slots_rollback", title: "device.slots_rollback_ask", text: "device.slots_rollback_text" },
};

async function wish(name) {
  const { title, text: why } = WISHES[name];
  if (!await confirmed({ title: t(title), text: t(why), button: t("device.slots_yes") })) return "";
  await ask("POST", "board/requests", { wish: name });
  return t("device.slots_asked");
}

const wishButton = (name) => actButton(`wish ${name}`, t(WISHES[name].button), () => wish(name));
const checkButton = () => actButton("wish check", t("device.slots_check"), async () => {
  await ask("POST", "board/requests", { wish: "check" });
  return t("device.slots_asked");
});
const selftestButton = () => actButton("selftest", t("device.slots_selftest"), async () => { report = await ask("POST", "board/selftest"); });

function answerOf({ by, at, code, text: words, next_step: next, lines }) {
  const when = t("device.slots_by", { by, when: momentOf(at) });
  const goesOn = !code && el("progress", { "aria-label": words });
  const body = [stated(code ? `${code}: ${words}` : words), goesOn, ...lines.map(stated), next && stated(`-> ${next}`)];
  return el("div", { class: "repair", role: "status", "data-kind": code.startsWith("E-") ? "failed" : "" }, el("strong", { text: when }), ...body.filter(Boolean));
}

function resultOf({ name, state, detail, measures, next_step: next }) {
  const numbers = measures.map((each) => stated(`${each.name}: ${numberOf(each.value, each.value < 100 ? 2 : 0)} ${each.unit} (${each.limit})`));
  const body = [el("strong", {}, `${t(STATES[state])}: `, el("bdi", { lang: "en", text: name })), stated(detail), ...numbers, next && stated(`-> ${next}`)];
  return el("li", {}, ...body.filter(Boolean));
}

const reportOf = ({ verdict, made_at: at, results }) => [
  el("h3", { text: t("device.selftest_of", { when: momentOf(at), verdict: t(STATES[verdict]) }) }), list(results.map(resultOf)),
];

const slotOf = ({ name, version, counter, role }, left) => {
  const lines = [role ? t(ROLES[role], { left }) : t("device.slot_unused"), t("device.slot_number", { number: counter })];
  return el("li", { "data-key": name }, el("strong", { text: t("device.slot", { name, version }) }), ...lines.map((line) => el("span", { text: line })));
};

const eventOf = ({ number, at, code, what }) => el("li", { "data-key": String(number) }, el("strong", { text: `${code}, ${momentOf(at)}` }), stated(what));

const siteOf = ({ name, networks, address, certificate }) => [
  facts([
    [t("device.slots_site"), name], [t("device.slots_networks"), networks.join(", ") || "-"],
    ...(address ? [[t("device.slots_address"), address], [t("device.slots_certificate"), certificate]] : []),
  ]),
  address && el("p", {}, el("a", { href: "/api/v1/board/certificate", download: "", text: t("device.slots_get") })),
].filter(Boolean);

export const slots = ({ board }, session) => known(board, (state) => [
  facts([[t("device.slots_device"), state.device || t("device.slots_no_device")], [t("device.slots_board"), state.compat]]),
  ...(state.site ? siteOf(state.site) : []),
  !state.installed && text(t("device.slots_checkout")),
  state.installed && list(state.slots.map((slot) => slotOf(slot, state.starts_left))),
  state.installed && !state.asks && text(t("device.slots_shell"), "foot"),
  state.answer && answerOf(state.answer),
  serves(session) && el("div", { class: "controls" }, ...(state.asks ? [checkButton(), ...Object.keys(WISHES).map(wishButton)] : []), selftestButton()),
  ...(report ? reportOf(report) : []),
  state.events.length > 0 && el("details", {}, el("summary", { text: t("device.slots_history") }), list(state.events.toReversed().map(eventOf))),
].filter(Boolean));
