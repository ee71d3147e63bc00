// One list of the hospital in the form that begins an exam: its age, the button that asks for a new one, and the entries that fit a search.

import { ask } from "/web/api.js";
import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { newest } from "/web/parts/newest.js";
import { whyNot } from "/web/views/order_lines.js";

export class OrderList {
  #answer = null; // as it was read last; null where this person does not see it
  #isNewest = newest();

  // `kind` is one of LISTS. `choose(entry)` is called with an entry of this list, or null; `asked(problem)` after a new list was asked for.
  constructor(kind, { choose, asked }) {
    this.kind = kind;
    this.choose = choose;
    this.asked = asked;
    this.age = el("p", { class: "age", role: "status" });
    this.again = el("button", { type: "button", class: "again", onclick: () => this.#askAgain() });
    this.rows = el("ul", { class: "rows" });
    this.node = el("section", { hidden: true }, el("h3", { text: t(kind.title) }), el("div", { class: "asked" }, this.age, this.again), this.rows);
  }

  get isThere() {
    return this.#answer !== null && this.kind.isThere(this.#answer);
  }

  // Searches; returns what a person must know of a failure, or null where a later search overtook this one.
  async find(text) {
    const isNewest = this.#isNewest();
    try {
      const answer = await ask("GET", `${this.kind.noun}?text=${encodeURIComponent(text)}`);
      if (!isNewest()) return null;
      this.#answer = answer;
    } catch (problem) {
      if (!isNewest()) return null;
      if (problem.code !== "not-allowed") return problem.message;
      this.#answer = null; // nobody sees it in an emergency
    }
    return "";
  }

  // The entries from which an exam can begin; those with this code where there is one.
  usable(code) {
    const usable = this.isThere ? this.#answer.entries.filter((entry) => !whyNot(entry)) : [];
    return code === undefined ? usable : usable.filter((entry) => this.kind.codes.some((name) => entry[name] === code));
  }

  get isWhole() {
    return !this.isThere || this.#answer.found === this.#answer.entries.length;
  }

  // The entry as it was read last.
  current(entry) {
    return this.usable().find((each) => each[this.kind.key] === entry[this.kind.key]) ?? entry;
  }

  show(chosen) {
    this.node.hidden = !this.isThere;
    if (!this.isThere) return;
    const { peer, found, entries } = this.#answer;
    this.age.textContent = this.kind.ageOf(this.#answer);
    this.again.hidden = !peer;
    if (!this.again.disabled) this.again.textContent = t("worklist.again");
    const more = found > entries.length && el("li", { text: t("worklist.more", { shown: entries.length, found }) });
    const none = this.kind.at(this.#answer) && !entries.length && el("li", { text: t("worklist.nothing") });
    this.rows.replaceChildren(...[...entries.map((entry) => this.#rowOf(entry, chosen)), more, none].filter(Boolean));
  }

  #rowOf(entry, chosen) {
    const [why, lines] = [whyNot(entry), this.kind.linesOf(entry)];
    if (why) return el("li", { class: "unusable" }, ...lines, el("span", { class: "problem", text: why }));
    const pressed = entry === chosen;
    return el("li", {}, el("button", { type: "button", class: "entry", "data-key": entry[this.kind.key], "aria-pressed": String(pressed), onclick: () => this.choose(pressed ? null : entry) }, ...lines));
  }

  async #askAgain() {
    this.again.disabled = true;
    this.again.textContent = t("worklist.asking", { peer: this.#answer.peer });
    const refused = await ask("POST", this.kind.noun, {}).then(() => "", (problem) => problem.message);
    this.again.disabled = false;
    await this.asked(refused);
  }
}
