// A form in a dialog: it stays open, with what was typed, until its request succeeds or the person goes back.

import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";

let made = 0; // dialogs, which can lie over each other: their ids differ

// `options`: [value, text] of each choice; `rows`: the lines of a longer text; `pad` makes keys for the field; `hint` is a sentence below it.
export function fieldOf({ name, label, pad, options, hint, value = "", ...input }) {
  const choices = options?.map(([choice, text]) => el("option", { value: choice, text, selected: choice === value })) ?? [];
  const id = `form-${made}-${name}`;
  const described = hint ? { "aria-describedby": `${id}-hint` } : {};
  const box = el(options ? "select" : input.rows ? "textarea" : "input", { id, name, required: true, ...described, ...input }, ...choices);
  if (!options) box.value = value;
  return el("div", { class: "field" }, el("label", { for: id, text: label }), box, hint && el("p", { class: "foot", id: `${id}-hint`, text: hint }), pad?.(box));
}

// Resolves with what `act(values)` returned, or null if the person went back. `act` throws to refuse: its message is shown.
// `others` are further buttons, each with its own `act`; it needs none of the fields.
export function askForm({ title, text = "", fields = [], button = "", back = t("form.back"), act, others = [] }) {
  made += 1;
  return new Promise((resolve) => {
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const close = (result) => { dialog.close(); dialog.remove(); resolve(result); };
    const attempt = async (doing) => {
      problem.hidden = true;
      form.inert = true;
      try {
        close(await doing(Object.fromEntries(new FormData(form))) ?? true);
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
        form.inert = false;
        form.querySelectorAll("input[type=password]").forEach((box) => { box.value = ""; });
        form.querySelector("input[type=password]")?.focus();
      }
    };
    const form = el("form", { onsubmit: (event) => { event.preventDefault(); attempt(act); } },
      ...fields.map(fieldOf),
      problem,
      el("div", { class: "controls" },
        button && el("button", { class: "primary", text: button }),
        el("button", { type: "button", text: back, onclick: () => close(null) }),
        ...others.map((other) => el("button", { type: "button", text: other.button, onclick: () => attempt(other.act) }))));
    const dialog = el("dialog", { class: "form", "aria-labelledby": `form-${made}`, oncancel: (event) => { event.preventDefault(); close(null); } },
      el("h2", { id: `form-${made}`, text: title }), text && el("p", { text }), form);
    document.body.append(dialog);
    document.documentElement.inert = false; // a page that asks while it loads listens already
    dialog.showModal();
  });
}

// A question that is answered with the button, or by going back.
export const confirmed = async (question) => await askForm({ ...question, act: () => true }) !== null;

// Something that a person must have seen.
export const tell = (notice) => askForm({ ...notice, back: t("form.close") });
