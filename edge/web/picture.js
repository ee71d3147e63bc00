// The image, the model's map of the same frame over it, and a depth scale.

import { t } from "/web/i18n.js";
import { drawScale } from "/web/scale.js";

const COLOUR = [64, 190, 255]; // the same for every finding: present is not always bad
const STRONGEST = 0.55; // opacity of the map where the model is certain

const canvas = document.getElementById("image");
const context = canvas.getContext("2d");
const legend = document.getElementById("scale");
const small = document.createElement("canvas");

function paintMap(map, plane) {
  small.width = map.columns;
  small.height = map.rows;
  const dots = new ImageData(map.columns, map.rows);
  map.planes[plane].forEach((probability, i) => {
    dots.data.set([...COLOUR, 255 * STRONGEST * Math.max(0, 2 * probability - 1)], 4 * i);
  });
  small.getContext("2d").putImageData(dots, 0, 0);
}

function borderOf(points) {
  const path = new Path2D();
  for (const [x, y] of points) path.lineTo(x, y);
  return path;
}

// For `sonoedge bench page` and a browser's own tools: which frame was drawn, and when.
function measureDrawn({ received_ms: receivedMs, reading, class_map: map }) {
  performance.mark("frame drawn", { detail: { receivedMs, reading: reading.sequence, map: map.sequence } });
  performance.clearMarks("frame drawn"); // a browser stores them without limit
}

// Draws the frame and, if a plane is given, its map over the field that the network saw.
export function draw(bitmap, frame, plane) {
  const { rows, columns } = frame;
  if (canvas.width !== columns || canvas.height !== rows) [canvas.width, canvas.height] = [columns, rows];
  context.drawImage(bitmap, 0, 0);
  if (plane !== null) {
    paintMap(frame.class_map, plane);
    const { left, top, width, height } = frame.class_map;
    context.save();
    context.clip(borderOf(frame.class_map.border));
    context.imageSmoothingQuality = "high";
    context.drawImage(small, left, top, width, height);
    context.restore();
  }
  drawScale(context, frame.scale, columns);
  measureDrawn(frame);
  legend.textContent = t(frame.scale.mm_per_px ? "scan.depth" : "scan.no_depth");
}
