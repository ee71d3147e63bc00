// Exams on a stick: the work that runs or how the last one ended, and what a person does to begin the next one.

import { ask } from "/web/api.js";
import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { askForm } from "/web/parts/form.js";
import { patch } from "/web/parts/patch.js";
import { holds } from "/web/session.js";
import { grouped, PART, receiversOf, sticksOf } from "/web/views/stick_choice.js";
import { workOf } from "/web/views/stick_work.js";

const LOOK_MS = 1000; // while something runs
const EACH = 3; // looks at the sticks take place at every third tick

const exports = (session) => holds(session, "interpret", "admin");
const receives = (session) => holds(session, "admin");

// Who brought the key also holds what opens the exams, if nobody compares it: the receiver reads what this page does not show.
function confirmedKey({ name: receiver, fingerprint }) {
  const begin = grouped(fingerprint.slice(0, -PART));
  const text = t("stick.confirm_text", { begin });
  const last = { name: "last", label: t("stick.confirm_last"), maxlength: "8", autocomplete: "off", autocapitalize: "none", spellcheck: "false", dir: "ltr" };
  const act = ({ last: heard }) => {
    if (heard.trim().toLowerCase() !== fingerprint.slice(-PART)) throw new Error(t("stick.confirm_differs"));
  };
  return askForm({ title: t("stick.confirm_title", { receiver }), text, fields: [last], button: t("stick.confirm_button"), act });
}

// Shows itself in `section`. `exams` are the ids of those to write; none: all that were ended. `lasting`: the result of the last work is
// shown also where it began elsewhere. Returns show(session), which is called again with each change of the session.
export function stickAt(section, { exams = [], lasting = false }) {
  let session = null;
  let open = ""; // what a person chooses for: "write" or "receive"
  let present = { sticks: [], receivers: [] };
  let work = null;
  let problem = "";
  let ending = false;
  let mine = lasting;
  let ticks = 0;
  const chosen = { stick: "", receiver: "" };

  const runs = () => work !== null && work.ended_at === null;
  const button = (key, text, click, kind = "") => el("button", { type: "button", "data-key": key, class: kind, text, onclick: click });

  async function look() {
    present = await ask("GET", "sticks", undefined, { alone: true });
    const [usable, ready] = [present.sticks.filter(({ writable }) => writable), present.receivers.filter((each) => !each.problem)];
    if (!present.sticks.some(({ id }) => id === chosen.stick)) chosen.stick = usable.length === 1 ? usable[0].id : "";
    if (!ready.some(({ fingerprint }) => fingerprint === chosen.receiver)) chosen.receiver = ready.length === 1 ? ready[0].fingerprint : "";
  }

  async function act(doing) {
    problem = "";
    try {
      await doing();
    } catch (error) {
      problem = error.message;
    }
    draw();
  }

  async function begin(path, body) {
    work = await ask("POST", path, body);
    [open, mine, ending] = ["", true, false];
  }

  async function write() {
    if (!chosen.stick) throw new Error(t("stick.choose_stick"));
    const receiver = present.receivers.find(({ fingerprint }) => fingerprint === chosen.receiver);
    if (!receiver) throw new Error(t("stick.choose_receiver"));
    if (!receiver.remembered && await confirmedKey(receiver) === null) return;
    await begin("sticks/exports", { stick: chosen.stick, receiver: receiver.fingerprint, exams, confirmed: !receiver.remembered });
  }

  async function receive() {
    if (!chosen.stick) throw new Error(t("stick.choose_stick"));
    await begin("sticks/reviews", { stick: chosen.stick });
  }

  async function cancel() {
    work = await ask("POST", "sticks/work/cancel");
    ending = runs();
  }

  const back = () => button("back", t("form.back"), () => act(() => { open = ""; }));
  const which = () => sticksOf(present, chosen.stick, (id) => { chosen.stick = id; });
  const BODIES = {
    "": () => [
      el("p", { "data-key": "why", text: t("stick.why") }),
      el("div", { class: "controls", "data-key": "offer" },
        button("open write", t(exams.length ? "stick.write_one" : "stick.write_all"), () => act(() => choose("write"))),
        lasting && receives(session) && button("open receive", t("stick.receive"), () => act(() => choose("receive")))),
    ],
    write: () => [
      which(),
      ...receiversOf(present, chosen.receiver, (fingerprint) => { chosen.receiver = fingerprint; }),
      el("div", { class: "controls", "data-key": "acts write" },
        present.sticks.length > 0 && present.receivers.length > 0 && button("write", t("stick.write"), () => act(write), "primary"), back()),
    ],
    receive: () => [
      which(),
      el("div", { class: "controls", "data-key": "acts receive" },
        present.sticks.length > 0 && button("receive", t("stick.take"), () => act(receive), "primary"), back()),
    ],
  };

  async function choose(what) {
    await look();
    open = what;
  }

  function draw() {
    section.hidden = session === null || !exports(session);
    if (section.hidden) return;
    patch(section, [
      el("h2", { text: t("stick.title") }),
      ...(runs() || (work && mine) ? [workOf(work, ending ? null : () => act(cancel))] : []),
      ...(runs() ? [] : BODIES[open]()),
      problem && el("p", { class: "problem", role: "alert", "data-key": "problem", text: problem }),
    ].filter(Boolean));
  }

  async function tick() {
    ticks += 1;
    if (section.hidden || document.hidden) return;
    try {
      if (runs()) work = await ask("GET", "sticks/work", undefined, { alone: true });
      else if (open && ticks % EACH === 0) await look();
      else return;
    } catch {
      return; // the page states elsewhere that the appliance does not answer
    }
    draw();
  }

  setInterval(tick, LOOK_MS);
  return async (who) => {
    session = who;
    if (exports(who)) work = await ask("GET", "sticks/work", undefined, { alone: true }).catch(() => work);
    draw();
  };
}
