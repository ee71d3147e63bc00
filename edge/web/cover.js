// The cover over the image: the image is shown only while it is certainly the newest one.

const STALE_MS = 1500; // an image older than this is not shown as live

const STATES = {
  opening: "Opening the source",
  lost: "Signal lost",
  ended: "Recording ended",
  failed: "No source",
};
const REASONS = {
  // titles by fault code; they are more exact than the state
  "probe-unplugged": "Probe unplugged",
  "probe-silent": "Probe sends nothing",
  "probe-garbled": "Probe sends unreadable data",
  "probe-damaged": "Only damaged frames",
  "not-a-probe": "This device is not a probe",
  "several-probes": "More than one probe",
  "version-mismatch": "Probe needs an update",
  "source-absent": "Probe not found",
  "source-busy": "Probe in use by another program",
  "source-denied": "No permission to use the probe",
};

// [title, text], or null if the image is live. `connected` is null before the first connection. `status` is the newest one of this
// connection, or null. `frameAt` is when its newest frame was drawn (performance.now()), null before the first one. `since` is when the
// connection began or ended. `rejected` is the count that came with that frame. `broken` is the error of a later frame, or "".
export function coverOf({ connected, status, frameAt, since, rejected, broken }, now) {
  if (connected === false) return ["Connection lost", "Check that the appliance is switched on. This page will reconnect by itself"];
  if (!status) return ["Connecting", "Waiting for the appliance"];
  const { state, reason, problem, fix } = status.source;
  if (state !== "streaming") return [REASONS[reason] ?? STATES[state], [problem, fix].filter(Boolean).join(". ")];
  if (broken) return ["Image not shown", `The newest frame cannot be drawn: ${broken}. Waiting for the next one`];
  if (status.stream.rejected > rejected) return ["Image not shown", "The appliance cannot prepare the newest frame. Waiting for the next one"];
  if (now - (frameAt ?? since) > STALE_MS) return [REASONS[reason] ?? "No frames", problem ? `${problem}. ${fix}` : "The source is open but sends nothing"];
  return frameAt === null ? ["Waiting for an image", ""] : null;
}
