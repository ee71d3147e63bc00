// The live stream: each message is one frame's JPEG together with that frame's reading.

const RETRY_MS = [300, 1000, 2000, 5000];
const SILENT_MS = 3000; // the appliance says something at least twice a second

function parse(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const said = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const jpeg = buffer.byteLength > 4 + length ? new Blob([new Uint8Array(buffer, 4 + length)], { type: "image/jpeg" }) : null;
  return { said, jpeg };
}

// Calls onMessage(said, bitmap or null) for the newest message, and onSilence() when the appliance cannot be heard.
export function watch(onMessage, onSilence) {
  let tries = 0;
  let newest = null;
  let working = false;
  let lastHeard = Date.now();

  async function work() {
    if (working) return;
    working = true;
    while (newest) {
      const { said, jpeg } = newest;
      newest = null;
      onMessage(said, jpeg ? await createImageBitmap(jpeg) : null);
    }
    working = false;
  }

  function connect() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => {
      tries = 0;
      lastHeard = Date.now();
      newest = parse(event.data);
      work();
    };
    socket.onclose = () => {
      onSilence();
      setTimeout(connect, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
    };
  }

  connect();
  setInterval(() => { if (Date.now() - lastHeard > SILENT_MS) onSilence(); }, 500);
}
