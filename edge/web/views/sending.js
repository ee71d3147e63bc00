// What became of an exam at the hospital: each delivery with what the peer took and confirmed, and the acts on it.

import { ask } from "/web/api.js";
import { momentOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { confirmed } from "/web/parts/form.js";
import { actorOf } from "/web/parts/stated.js";
import { claimable, holds } from "/web/session.js";
import { isSigned } from "/web/views/words.js";

const STATES = {
  waiting: "sent.waiting",
  sending: "sent.sending",
  sent: "sent.sent",
  confirmed: "sent.confirmed",
  refused: "sent.refused",
  cancelled: "sent.cancelled",
};
const OBJECTS = { waiting: "sent.waiting", sent: "sent.sent", confirmed: "sent.confirmed", refused: "sent.refused", missing: "sent.not_made" };
const KINDS = {
  clip: "sent.clip",
  still: "sent.still",
  map: "sent.map",
  report: "sent.report",
  rejected: "sent.rejected",
  review: "sent.review",
  document: "sent.document",
  bundle: "sent.bundle",
  message: "sent.message",
};
const ENDED = new Set(["sent", "confirmed"]);
const LOOK_MS = 3000; // how often the page looks while something is on its way

const opened = new Map(); // by the id of a delivery: its manifest, while a person looks at it

// Whether something happens by itself, so that the page must look again.
export const moves = ({ deliveries }) => deliveries.some(({ state, next_at: next }) => state === "sending" || next !== null);
export const lookAgain = (look) => setInterval(() => { if (!document.hidden) look(); }, LOOK_MS);

const sends = (session) => holds(session, "interpret", "admin") || claimable(session);

const act = (delivery, name) => ask("POST", `deliveries/${encodeURIComponent(delivery.id)}/${name}`, {});

async function cancel(delivery) {
  const { peer, report } = delivery;
  const sure = await confirmed({ title: t("sent.cancel_title"), text: t("sent.cancel_text", { peer, report }), button: t("sent.cancel_button") });
  if (sure) await act(delivery, "cancel");
}

const manifestOf = async (id) => (await ask("GET", `deliveries/${encodeURIComponent(id)}`, undefined, { alone: true })).manifest;

async function toggle({ id }) {
  if (opened.has(id)) opened.delete(id);
  else opened.set(id, await manifestOf(id));
}

// The deliveries of an exam; the manifests that a person looks at are read again with them. `how` is for `ask`.
export async function sentOf(path, how = {}) {
  const sent = await ask("GET", `${path}/deliveries`, undefined, how);
  for (const id of opened.keys()) opened.set(id, await manifestOf(id));
  return sent;
}

// The peer's own words follow the state: they are in the language of the peer.
function linesOf(delivery) {
  const { state, objects, taken, confirmed_objects: safe, warned, missing, next_at: next, answer, attempts } = delivery;
  return [
    objects > 0 && t("sent.taken", { peer: delivery.peer, taken, objects }),
    safe > 0 && t("sent.safe", { safe, objects }),
    warned > 0 && t("sent.warned", { count: warned }),
    missing > 0 && t("sent.missing", { count: missing }),
    state === "cancelled" && t("sent.cancelled_by", { by: actorOf(delivery.ended_by), when: momentOf(delivery.ended_at) }),
    state === "waiting" && attempts > 0 && next && t("sent.next", { count: attempts, when: momentOf(next) }),
    answer && !ENDED.has(state) && t("sent.answer", { answer }),
    state === "refused" && t("sent.fix"),
  ].filter(Boolean);
}

const objectOf = ({ kind, zone, state, warned, answer }) => el("li", {},
  el("span", { text: [kind in KINDS ? t(KINDS[kind]) : kind, zone].filter(Boolean).join(" ") }),
  el("span", { class: "word", text: t(OBJECTS[state]) }),
  (warned || state === "refused" || state === "missing") && answer && el("span", { text: answer }));

function deliveryOf(delivery, session, doing) {
  const { id, peer, report, state } = delivery;
  const button = (name, text, click) => el("button", { type: "button", id: `${id}-${name}`, text, onclick: () => doing(click) });
  return el("li", { class: "delivery", "data-state": state },
    el("h3", { text: t("sent.to", { peer, report }) }),
    el("p", { class: "word", text: t(STATES[state]) }),
    ...linesOf(delivery).map((text) => el("p", { dir: "auto", text })),
    el("div", { class: "controls" },
      sends(session) && (state === "refused" || state === "cancelled" || (state === "waiting" && delivery.attempts > 0)) && button("retry", t("sent.retry"), () => act(delivery, "retry")),
      sends(session) && ["waiting", "sending", "refused"].includes(state) && button("cancel", t("sent.cancel"), () => cancel(delivery)),
      delivery.objects > 0 && button("objects", t(opened.has(id) ? "sent.hide" : "sent.show"), () => toggle(delivery))),
    opened.has(id) && el("ul", { class: "manifest" }, ...opened.get(id).map(objectOf)));
}

// `doing(act)` does something for a person and shows the exam again.
export function sendingOf({ exam, sent, reports, path, session, act: doing }) {
  const newest = reports.at(-1)?.number;
  const owed = sent.peers.filter((peer) => !sent.deliveries.some((each) => each.peer === peer && each.report === newest));
  const send = () => ask("POST", `${path}/deliveries`, { peers: owed });
  return [
    el("h2", { text: t("sent.title") }),
    !sent.peers.length && el("p", { text: t("sent.no_peers") }),
    sent.peers.length > 0 && !isSigned(exam) && el("p", { text: t("sent.unsigned") }),
    isSigned(exam) && newest && owed.length > 0 && sends(session) && el("button", { id: "send", type: "button", class: "primary send", text: t("sent.send", { peers: owed.join(", ") }), onclick: () => doing(send) }),
    el("ul", { class: "lines", id: "deliveries" }, ...[...sent.deliveries].reverse().map((each) => deliveryOf(each, session, doing))),
  ];
}
