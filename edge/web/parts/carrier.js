// Two ways to the live stream: a WebSocket, and server-sent events where there is none. Both carry the same bytes.
// Each calls opened(), received(bytes) and closed(), and returns close().

const PATH = "/api/v1/live";

export const SOCKET = (on) => {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${PATH}`);
  socket.binaryType = "arraybuffer";
  socket.onopen = on.opened;
  socket.onmessage = ({ data }) => on.received(new Uint8Array(data));
  socket.onclose = on.closed;
  return () => { socket.onopen = socket.onmessage = socket.onclose = null; socket.close(); };
};

export const EVENTS = (on) => {
  const events = new EventSource(`${PATH}/events`);
  events.onopen = on.opened;
  events.onmessage = ({ data }) => on.received(Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0)));
  events.onerror = on.closed; // it would connect again by itself, without the cover over an image that is old
  return () => { events.onopen = events.onmessage = events.onerror = null; events.close(); };
};
