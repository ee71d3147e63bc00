// A barcode or QR scanner types as a keyboard does, but faster than any person.

const FASTEST_MS = 35; // from key to key of a person, on average
const SHORTEST = 4; // characters of a code

// Watches a box in a dialog. Returns scanned(): whether all that is in the box came from a scanner.
export function scannedIn(box, dialog) {
  let keys = 0, begun = 0, last = 0;
  dialog.addEventListener("keydown", ({ key, timeStamp }) => {
    if (document.activeElement !== box || [...key].length !== 1) return;
    if (box.value === "" || box.selectionEnd - box.selectionStart === box.value.length) [keys, begun] = [0, timeStamp];
    keys += 1;
    last = timeStamp;
  });
  return () => keys >= SHORTEST && keys === [...box.value].length && (last - begun) / (keys - 1) <= FASTEST_MS;
}
