// The live stream: frame messages (the JPEG and the reading of one frame) and status messages. Reconnects after every loss.

import { parse } from "/web/parts/message.js";

const RETRY_MS = [300, 1000, 2000, 5000];
const STEADY_MS = 5000; // after a connection of this length, the waiting times start from the beginning
const SILENT_MS = 5000; // a status message comes at least once per second; the age of the image is checked separately
const CONNECT_MS = 10000;

// Calls onFrame(message, bitmap) for the newest frame, onStatus(message), onBroken(error) for a message that cannot be shown,
// onConnected() and onLost(). After onLost() no frame of the lost connection is shown.
export function watch({ onFrame, onStatus, onBroken, onConnected, onLost }) {
  let socket = null;
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
        if (from === socket) onFrame(message, bitmap);
        else bitmap.close();
      } catch (error) {
        onBroken(error);
      }
    }
    drawing = false;
  }

  const kinds = { // unknown kinds are ignored
    frame: (message, jpeg) => { newest = { message, jpeg, from: socket }; drawNewest(); },
    status: onStatus,
  };

  function receive(buffer) {
    receivedAt = performance.now();
    try {
      const { message, jpeg } = parse(new Uint8Array(buffer));
      kinds[message.kind]?.(message, jpeg);
    } catch (error) {
      onBroken(error);
    }
  }

  function lose() {
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    tries = performance.now() - openedAt > STEADY_MS ? 0 : tries;
    socket = newest = null;
    onLost();
    setTimeout(connect, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
  }

  function connect() {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live`);
    socket.binaryType = "arraybuffer";
    openedAt = receivedAt = performance.now();
    socket.onopen = () => { receivedAt = performance.now(); onConnected(); };
    socket.onmessage = (event) => receive(event.data);
    socket.onclose = lose;
  }

  connect();
  setInterval(() => {
    const limit = socket?.readyState === WebSocket.CONNECTING ? CONNECT_MS : SILENT_MS;
    if (socket && performance.now() - receivedAt > limit) lose();
  }, 500);
}
