// The form that begins an exam with an order: an entry of the worklist, found by its name or numbers or by a scanned code, or the numbers
// of the order and the admission that a person states.

import { ask, now } from "/web/api.js";
import { agoOf, dayOf, momentOf, numberOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { fieldOf } from "/web/parts/form.js";
import { newest } from "/web/parts/newest.js";
import { scannedIn } from "/web/parts/scanner.js";

const PROBLEMS = {
  unreadable: "worklist.unreadable",
  characters: "worklist.characters",
  "no-id": "worklist.no_id",
  "several-ids": "worklist.several_ids",
  "several-names": "worklist.several_names",
  "several-accessions": "worklist.several_accessions",
  "long-id": "worklist.long_id",
  "long-accession": "worklist.long_accession",
  "no-study": "worklist.no_study",
  "same-id": "worklist.same_id",
  "same-study": "worklist.same_study",
};
const SEXES = { F: "sex.female", M: "sex.male", O: "sex.other" };
const TYPING_MS = 150; // after the last key, until the list is searched

const WHOLE_DAY = /^\d{4}-\d\d-\d\d$/;
const noonOf = (date) => `${date}T12:00:00`;
const dayIn = (date) => (WHOLE_DAY.test(date) ? dayOf(noonOf(date)) : date);
const dayUnlessToday = (date) => dayIn(date) !== dayOf(now()) && dayIn(date);
const timeIn = (time) => (/^\d{4}/.test(time) ? `${time.slice(0, 2)}:${time.slice(2, 4)}` : time);
// Each part keeps its own direction of writing.
const lineOf = (...parts) => el("span", {}, ...parts.filter(Boolean).flatMap((text, place) => [place > 0 && " \u00b7 ", el("bdi", { text })]));

const personOf = ({ patient_id: id, birth_date: born, sex }) => lineOf(id && t("worklist.id", { id }), born && t("worklist.born", { date: dayIn(born) }), sex in SEXES && t(SEXES[sex]));
const orderOf = ({ date, time, step, requested, accession }) => lineOf(dayUnlessToday(date), timeIn(time), step || requested, accession && t("worklist.number", { number: accession }));
const whyNot = ({ problems, reasons, exam_id: begun }) => {
  if (problems.length) return t("worklist.unusable", { reason: problems.map((each, place) => (each in PROBLEMS ? t(PROBLEMS[each]) : reasons[place])).join("; ") });
  return begun ? t("worklist.begun") : "";
};
const textsOf = (entry) => [el("strong", {}, el("bdi", { text: entry.name })), personOf(entry), orderOf(entry)];
const isCode = (entry, text) => [entry.patient_id, entry.accession, entry.admission_id].includes(text);

class OrderForm {
  #worklist = null; // as it was read last; null where this person does not see one
  #chosen = null; // an entry
  #scanned = false; // whether a scanner chose it
  #isNewest = newest();

  constructor(protocol, done) {
    this.protocol = protocol;
    this.done = done;
    const bare = { required: false, autocomplete: "off" };
    this.admission = fieldOf({ name: "admission", label: t("worklist.admission"), maxlength: "64", ...bare });
    this.accession = fieldOf({ name: "accession", label: t("worklist.accession"), maxlength: "16", ...bare });
    this.finding = fieldOf({ name: "find", type: "search", label: t("worklist.search"), hint: t("worklist.hint"), maxlength: "200", ...bare });
    [this.admissionBox, this.accessionBox, this.box] = [this.admission, this.accession, this.finding].map((field) => field.querySelector("input"));
    this.age = el("p", { class: "age", role: "status" });
    this.again = el("button", { type: "button", class: "again", onclick: () => this.#askAgain() });
    this.rows = el("ul", { class: "rows" });
    this.list = el("div", { hidden: true }, this.finding, el("div", { class: "asked" }, this.age, this.again), this.rows);
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
    const isNewest = this.#isNewest();
    try {
      const worklist = await ask("GET", `worklist?text=${encodeURIComponent(this.box.value)}`);
      if (!isNewest()) return;
      this.#worklist = worklist;
      this.#state("");
    } catch (problem) {
      if (!isNewest()) return;
      if (problem.code === "not-allowed") this.#worklist = null; // nobody sees it in an emergency
      else this.#state(problem.message);
    }
    this.#show();
  }

  // Chooses the entry of a code, or the only one that fits.
  async #findCode(text, scanned) {
    if (!text) return;
    this.box.select(); // the next code replaces it
    await this.#find();
    const usable = (this.#worklist?.entries ?? []).filter((entry) => !whyNot(entry));
    const exact = usable.filter((entry) => isCode(entry, text));
    const [only, ...others] = exact.length ? exact : usable;
    if (only && !others.length && this.#worklist.found === this.#worklist.entries.length) this.#choose(only, scanned && exact.length > 0);
  }

  async #askAgain() {
    this.again.disabled = true;
    this.again.textContent = t("worklist.asking", { peer: this.#worklist.peer });
    const refused = await ask("POST", "worklist", {}).then(() => "", (problem) => problem.message);
    this.again.disabled = false;
    await this.#find();
    if (refused) this.#state(refused);
  }

  #choose(entry, scanned = false) {
    if (this.#chosen?.admission_id) this.admissionBox.value = "";
    this.#chosen = entry;
    this.#scanned = scanned;
    if (this.#chosen?.admission_id) this.admissionBox.value = this.#chosen.admission_id;
    this.#show();
  }

  #show() {
    const worklist = this.#worklist;
    this.list.hidden = !worklist?.peer;
    if (worklist?.peer) this.#showWorklist(worklist);
    this.admissionBox.readOnly = Boolean(this.#chosen?.admission_id);
    this.accession.hidden = this.#chosen !== null;
    this.begin.textContent = this.#chosen ? t("worklist.begin_for", { name: this.#chosen.name }) : t("scan.begin");
  }

  #showWorklist({ peer, asked_at: at, scheduled, found, entries }) {
    this.age.textContent = at ? t("worklist.answered", { peer, ago: agoOf(at, now()), when: momentOf(at), entries: numberOf(scheduled) }) : t("worklist.never", { peer });
    if (!this.again.disabled) this.again.textContent = t("worklist.again");
    if (this.#chosen) this.#chosen = entries.find((each) => each.study_uid === this.#chosen.study_uid && !whyNot(each)) ?? this.#chosen;
    const more = found > entries.length && el("li", { text: t("worklist.more", { shown: entries.length, found }) });
    const none = at && !entries.length && el("li", { text: t("worklist.nothing") });
    this.rows.replaceChildren(...[...entries.map((entry) => this.#rowOf(entry)), more, none].filter(Boolean));
  }

  #rowOf(entry) {
    const why = whyNot(entry);
    if (why) return el("li", { class: "unusable" }, ...textsOf(entry), el("span", { class: "problem", text: why }));
    const pressed = entry === this.#chosen;
    return el("li", {}, el("button", { type: "button", class: "entry", "data-study": entry.study_uid, "aria-pressed": String(pressed), onclick: () => this.#choose(pressed ? null : entry) }, ...textsOf(entry)));
  }

  async #begin() {
    const [admission, accession] = [this.admissionBox.value.trim(), this.accessionBox.value.trim()];
    const boxes = [admission && this.admissionBox, accession && this.accessionBox].filter(Boolean);
    const order = this.#chosen
      ? { study_uid: this.#chosen.study_uid, admission_id: admission, scanned: this.#scanned }
      : { admission_id: admission, accession, scanned: boxes.length > 0 && boxes.every((box) => this.wasScanned.get(box)()) };
    this.form.inert = true;
    try {
      await ask("POST", "exams", { protocol: this.protocol, order });
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
