// The second step: who enrols the other people. A badge and a name that were typed are there again after a reload; a PIN and a code are not.

import { ask } from "/web/api.js";
import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { fieldOf } from "/web/parts/form.js";
import { pinField } from "/web/parts/pin_pad.js";
import { claimable, signIn } from "/web/session.js";

const DRAFT = "first administrator"; // in the storage of this tab

const draft = () => JSON.parse(sessionStorage.getItem(DRAFT) ?? "{}");

function fields(needsCode) {
  const { badge = "", name = "" } = draft();
  return [
    needsCode && { name: "code", label: t("welcome.code"), hint: t("welcome.code_where"), class: "code", maxlength: "40", autocomplete: "off", autocapitalize: "characters", spellcheck: "false" },
    { name: "badge", label: t("people.badge"), maxlength: "40", autocomplete: "off", autocapitalize: "none", value: badge },
    { name: "name", label: t("people.name"), maxlength: "200", autocomplete: "off", value: name },
    { ...pinField(t("pin.new")), type: "text", hint: t("welcome.pin_text") }, // shown: a wrong first PIN locks the administrator out
  ].filter(Boolean);
}

async function enrol(form, page) {
  const person = Object.fromEntries(new FormData(form));
  page.problem("");
  form.inert = true;
  try {
    await ask("POST", "claim", person, { alone: true });
    sessionStorage.removeItem(DRAFT);
    await signIn({ name: person.badge, pin: person.pin });
    page.next();
  } catch (refused) {
    page.problem(refused.message);
    form.inert = false;
    scrollTo(0, 0);
  }
}

function claim(session, page) {
  const keep = ({ currentTarget }) => {
    const { badge, name } = Object.fromEntries(new FormData(currentTarget));
    sessionStorage.setItem(DRAFT, JSON.stringify({ badge, name }));
  };
  const submit = (event) => { event.preventDefault(); enrol(event.currentTarget, page); };
  const form = el("form", { onsubmit: submit, oninput: keep }, el("p", { text: t("claim.text") }), ...fields(session.claim_needs_code).map(fieldOf),
    el("div", { class: "controls" }, el("button", { class: "primary", text: t("people.enrol_button") })));
  page.show([form], { goes: false });
}

export function administrator(session, page) {
  const named = session.kind === "operator";
  if (claimable(session)) claim(session, page);
  else page.show([el("p", { text: named ? t("session.who", { name: session.name }) : t("welcome.claimed") })]);
}
