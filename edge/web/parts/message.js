// The form of a message with the JPEG of its frame: u32 little-endian length of the JSON, the JSON, the JPEG.

const U32 = 4;

export const u32 = (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);

export function parse(bytes) {
  const begins = U32 + u32(bytes);
  const message = JSON.parse(new TextDecoder().decode(bytes.subarray(U32, begins)));
  return { message, jpeg: new Blob([bytes.subarray(begins)], { type: "image/jpeg" }) };
}

// The first message of a film, where each has its length before it; null while it has not come whole.
export function firstOf(bytes) {
  if (bytes.length < U32 || bytes.length < U32 + u32(bytes)) return null;
  return { bytes: bytes.subarray(U32, U32 + u32(bytes)), rest: bytes.subarray(U32 + u32(bytes)) };
}
