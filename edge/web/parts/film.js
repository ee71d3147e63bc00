// A recorded clip as a loop: it plays while it loads, can be paused, and moved through frame by frame.

import { Problem } from "/web/api.js";
import { t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";
import { firstOf, parse } from "/web/parts/message.js";
import { drawScale } from "/web/scale.js";

// Yields { frame, bitmap } for each frame of the answer.
async function* framesOf(response) {
  let left = new Uint8Array();
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return;
    const joined = new Uint8Array(left.length + value.length);
    joined.set(left);
    joined.set(value, left.length);
    left = joined;
    for (let first; (first = firstOf(left)); left = first.rest) {
      const { message: frame, jpeg } = parse(first.bytes);
      yield { frame, bitmap: await createImageBitmap(jpeg) };
    }
  }
}

// `label` names the clip for a reader of the screen.
export function filmOf(clip, label) {
  const frames = [];
  let at = 0;
  let playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  let seen = false; // on the screen
  let next = 0; // performance.now() of the next frame

  const canvas = el("canvas", { "aria-label": label, role: "img", width: 350, height: 350 });
  const play = el("button", { type: "button", class: "play", onclick: () => { playing = !playing; show(); } });
  const place = el("input", { type: "range", min: 0, value: 0, "aria-label": t("film.place"), oninput: () => { playing = false; at = Number(place.value); show(); } });
  const state = el("p", { class: "legend", text: t("film.loading") });
  const root = el("div", { class: "film" }, canvas, el("div", { class: "controls" }, play, place), state);

  function show() {
    play.textContent = playing ? t("film.pause") : t("film.play");
    place.max = Math.max(0, frames.length - 1);
    place.value = at;
    if (!frames.length) return;
    const { frame, bitmap } = frames[at];
    if (canvas.width !== frame.columns || canvas.height !== frame.rows) [canvas.width, canvas.height] = [frame.columns, frame.rows];
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    drawScale(context, frame.scale, frame.columns);
  }

  function step(now) {
    if (!seen) return;
    requestAnimationFrame(step);
    if (!playing || !frames.length || now < next) return;
    const following = (at + 1) % frames.length;
    next = now + Math.max(10, frames[following].frame.at_ms - frames[at].frame.at_ms);
    at = following;
    show();
  }

  async function load() {
    let whole = false;
    try {
      const response = await fetch(`/api/v1/clips/${clip.id}/film`);
      if (!response.ok) throw new Problem(await response.json());
      for await (const frame of framesOf(response)) {
        frames.push(frame);
        if (frames.length === 1) show();
      }
      const { count, damaged } = frames[0].frame;
      whole = frames.length === count && !damaged;
      state.textContent = whole ? t("film.frames", { count }) : t("film.cut", { read: frames.length });
    } catch (error) {
      state.textContent = t("film.failed", { why: error.message });
    }
    state.classList.toggle("problem", !whole);
  }

  let loaded = false;
  new IntersectionObserver(([{ isIntersecting }]) => {
    if (isIntersecting && !loaded) { loaded = true; load(); }
    if (isIntersecting && !seen) requestAnimationFrame(step);
    seen = isIntersecting;
  }).observe(root);
  show();
  return root;
}
