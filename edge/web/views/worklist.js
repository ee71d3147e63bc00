// The form that begins an exam with an order: an entry of the worklist or a patient who is in the hospital, found by a name or number or by
// a scanned code, or the numbers of the order and the admission that a person states.

import { ask } from "/web/api.js";
import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { fieldOf } from "/web/parts/form.js";
import { scannedIn } from "/web/parts/scanner.js";
import { LISTS } from "/web/views/order_lines.js";
import { OrderList } from "/web/views/order_list.js";

const TYPING_MS = 150; // after the last key, until the lists are searched

class OrderForm {
  #chosen = null; // an entry
  #from = null; // its list
  #scanned = false; // whether a scanner chose it

  constructor(protocol, done) {
    this.protocol = protocol;
    this.done = done;
    const bare = { required: false, autocomplete: "off" };
    this.admission = fieldOf({ name: "admission", label: t("worklist.admission"), maxlength: "64", ...bare });
    this.accession = fieldOf({ name: "accession", label: t("worklist.accession"), maxlength: "16", ...bare });
    this.finding = fieldOf({ name: "find", type: "search", label: t("order.find"), hint: t("worklist.hint"), maxlength: "200", ...bare });
    [this.admissionBox, this.accessionBox, this.box] = [this.admission, this.accession, this.finding].map((field) => field.querySelector("input"));
    const asked = async (refused) => {
      await this.#find();
      if (refused) this.#state(refused);
    };
    this.lists = LISTS.map((kind) => new OrderList(kind, { asked, choose: (entry) => this.#choose(entry, entry && this.#listOf(kind)) }));
    this.list = el("div", { hidden: true }, this.finding, el("div", { class: "lists" }, ...this.lists.map((each) => each.node)));
    this.problem = el("p", { class: "problem", role: "alert", hidden: true });
    this.begin = el("button", { type: "button", class: "primary", onclick: () => this.#begin() });
    const back = el("button", { type: "button", text: t("form.back"), onclick: () => this.#close(false) });
    this.form = el("form", { onsubmit: (event) => event.preventDefault() }, this.list, this.admission, this.accession, el("div", { class: "acts" }, this.problem, el("div", { class: "controls" }, this.begin, back)));
    this.dialog = el("dialog", { class: "form order", "aria-labelledby": "order-title", oncancel: (event) => { event.preventDefault(); this.#close(false); } },
      el("h2", { id: "order-title", tabindex: "-1", autofocus: true, text: t("worklist.title") }), this.form);
    this.#listen();
    this.wasScanned = new Map([this.box, this.admissionBox, this.accessionBox].map((box) => [box, scannedIn(box, this.dialog)]));
    this.#show();
  }

  async open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    await this.#find();
  }

  #listen() {
    let typing = null;
    this.box.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => this.#find(), TYPING_MS);
    });
    this.dialog.addEventListener("keydown", (event) => {
      const [inBox, begins] = [event.target.tagName === "INPUT", /^[^\s]$/u.test(event.key) && !event.ctrlKey && !event.metaKey];
      if (!inBox && begins && !this.list.hidden) this.box.focus(); // a scanner can be used at once, and no keyboard covers the list
      if (event.key !== "Enter" || !inBox) return;
      event.preventDefault(); // a scanner ends with Enter: no exam begins by it
      clearTimeout(typing);
      if (event.target === this.box) this.#findCode(this.box.value.trim(), this.wasScanned.get(this.box)());
    });
  }

  #close(begun) {
    this.dialog.close();
    this.dialog.remove();
    this.done(begun);
  }

  #state(problem) {
    this.problem.textContent = problem;
    this.problem.hidden = !problem;
  }

  async #find() {
    const problems = await Promise.all(this.lists.map((each) => each.find(this.box.value)));
    if (problems.includes(null)) return;
    this.#state(problems.find(Boolean) ?? "");
    this.#show();
  }

  #listOf(kind) {
    return this.lists.find((each) => each.kind === kind);
  }

  // Chooses the entry of a code, or the only one that fits. An order comes before the admission of the same patient.
  async #findCode(text, scanned) {
    if (!text) return;
    this.box.select(); // the next code replaces it
    await this.#find();
    if (!this.lists.every((each) => each.isWhole)) return;
    const found = (code) => this.lists.map((each) => each.usable(code).map((entry) => [entry, each])).filter((each) => each.length);
    const exact = found(text)[0];
    const [only, ...others] = exact ?? found().flat();
    if (only && !others.length) this.#choose(...only, scanned && exact !== undefined);
  }

  #choose(entry, from, scanned = false) {
    if (this.#chosen?.admission_id) this.admissionBox.value = "";
    [this.#chosen, this.#from, this.#scanned] = [entry, from, scanned];
    if (this.#chosen?.admission_id) this.admissionBox.value = this.#chosen.admission_id;
    this.#show();
  }

  #show() {
    this.list.hidden = !this.lists.some((each) => each.isThere);
    if (this.#chosen) this.#chosen = this.#from.current(this.#chosen);
    for (const each of this.lists) each.show(this.#chosen);
    this.admissionBox.readOnly = Boolean(this.#chosen?.admission_id);
    this.accession.hidden = this.#from?.kind.field === "study_uid";
    this.begin.textContent = this.#chosen ? t("worklist.begin_for", { name: this.#chosen.name }) : t("scan.begin");
  }

  // With an encounter its admission is stated, and with a study of the worklist its accession number.
  #order() {
    const [admission, accession] = [this.admissionBox.value.trim(), this.accessionBox.value.trim()];
    const field = this.#from?.kind.field;
    if (field === "study_uid") return { study_uid: this.#chosen.study_uid, admission_id: admission, scanned: this.#scanned };
    if (field === "encounter") return { encounter: this.#chosen.admission_id, accession, scanned: this.#scanned };
    const boxes = [admission && this.admissionBox, accession && this.accessionBox].filter(Boolean);
    return { admission_id: admission, accession, scanned: boxes.length > 0 && boxes.every((box) => this.wasScanned.get(box)()) };
  }

  async #begin() {
    this.form.inert = true;
    try {
      await ask("POST", "exams", { protocol: this.protocol, order: this.#order() });
      this.#close(true);
    } catch (problem) {
      this.#state(problem.message);
    } finally {
      this.form.inert = false;
    }
  }
}

// Resolves with whether an exam began.
export const beginWithOrder = (protocol) => new Promise((resolve) => { new OrderForm(protocol, resolve).open(); });
