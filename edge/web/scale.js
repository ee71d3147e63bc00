// The depth scale: a tick for each centimetre below the skin, drawn on the image; nothing where the source does not report its scale.

const MARK_EVERY_CM = 5;

export function drawScale(context, scale, columns) {
  if (!scale.mm_per_px) return;
  const step = 10 / scale.mm_per_px;
  const size = Math.max(11, Math.round(columns / 28));
  context.font = `${size}px system-ui, sans-serif`;
  context.direction = "ltr";
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = "#f0f0f0";
  for (let cm = 0, y = scale.skin; y <= scale.deepest; cm += 1, y += step) {
    const marked = cm % MARK_EVERY_CM === 0;
    const length = size * (marked ? 0.9 : 0.45);
    context.fillRect(columns - length, Math.round(y), length, Math.max(1, size / 10));
    if (marked && cm) context.fillText(`${cm} cm`, columns - length - size / 4, y);
  }
}
