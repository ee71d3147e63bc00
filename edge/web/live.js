// The live stream: frame messages (the JPEG and the reading of one frame) and status messages. Reconnects after every loss.
// Where no WebSocket opens, as behind some proxies, server-sent events take its place.

import { EVENTS, SOCKET } from "/web/parts/carrier.js";
import { parse } from "/web/parts/message.js";

const RETRY_MS = [300, 1000, 2000, 5000];
const STEADY_MS = 5000; // after a connection of this length, the waiting times start from the beginning
const SILENT_MS = 5000; // a status message comes at least once per second; the age of the image is checked separately
const CONNECT_MS = 10000;
const MOST_MISSES = 3; // so many WebSockets in a row brought nothing: the events are tried
const FIRST = typeof WebSocket === "function" ? 0 : MOST_MISSES;

const answers = () => fetch("/api/v1/version", { signal: AbortSignal.timeout(SILENT_MS) }).then(({ ok }) => ok, () => false);

// Calls onFrame(message, bitmap) for the newest frame, onStatus(message), onBroken(error) for a message that cannot be shown,
// onConnected() and onLost(). After onLost() no frame of the lost connection is shown.
export function watch({ onFrame, onStatus, onBroken, onConnected, onLost }) {
  let carrier = null; // of this connection: { way, close, opened, heard }
  let misses = FIRST;
  let tries = 0;
  let openedAt = 0;
  let receivedAt = 0;
  let newest = null; // the frame to draw next; a newer frame replaces it
  let drawing = false;

  async function drawNewest() {
    if (drawing) return;
    drawing = true;
    while (newest) {
      const { message, jpeg, from } = newest;
      newest = null;
      try {
        const bitmap = await createImageBitmap(jpeg);
        if (from === carrier) onFrame(message, bitmap);
        else bitmap.close();
      } catch (error) {
        onBroken(error);
      }
    }
    drawing = false;
  }

  const kinds = { // unknown kinds are ignored
    frame: (message, jpeg) => { newest = { message, jpeg, from: carrier }; drawNewest(); },
    status: onStatus,
  };

  function receive(bytes) {
    receivedAt = performance.now();
    carrier.heard = true;
    try {
      const { message, jpeg } = parse(bytes);
      kinds[message.kind]?.(message, jpeg);
    } catch (error) {
      onBroken(error);
    }
  }

  // Where a WebSocket brought nothing although the appliance answers, nothing is lost yet: the events may be open in a moment.
  async function lose() {
    const { way, close, opened, heard } = carrier;
    close();
    carrier = newest = null;
    tries = performance.now() - openedAt > STEADY_MS ? 0 : tries;
    if (opened) onLost();
    const blocked = !heard && await answers();
    if (!blocked) misses = heard && way === EVENTS ? misses : FIRST;
    else misses = way === SOCKET ? misses + 1 : FIRST;
    if (!opened && !(blocked && way === SOCKET)) onLost();
    setTimeout(connect, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
  }

  function connect() {
    const way = misses < MOST_MISSES ? SOCKET : EVENTS;
    openedAt = receivedAt = performance.now();
    carrier = { way, close: () => {}, opened: false, heard: false };
    const opened = () => { receivedAt = performance.now(); carrier.opened = true; onConnected(); };
    try {
      carrier.close = way({ opened, received: receive, closed: lose });
    } catch {
      lose();
    }
  }

  connect();
  setInterval(() => {
    const limit = carrier?.opened ? SILENT_MS : CONNECT_MS;
    if (carrier && performance.now() - receivedAt > limit) lose();
  }, 500);
}
