// The cover over the image: the image is shown only while it is certainly the newest one.

import { t } from "/web/i18n.js";
import { statedBoth } from "/web/parts/stated.js";

const STALE_MS = 1500; // an image older than this is not shown as live

const STATES = {
  opening: "cover.opening",
  lost: "cover.lost",
  ended: "cover.ended",
  failed: "cover.failed",
};
const REASONS = {
  // titles by fault code; they are more exact than the state
  "probe-unplugged": "cover.probe_unplugged",
  "probe-silent": "cover.probe_silent",
  "probe-garbled": "cover.probe_garbled",
  "probe-damaged": "cover.probe_damaged",
  "not-a-probe": "cover.not_a_probe",
  "several-probes": "cover.several_probes",
  "version-mismatch": "cover.version_mismatch",
  "source-absent": "cover.source_absent",
  "source-busy": "cover.source_busy",
  "source-denied": "cover.source_denied",
};

// [title, text], or null if the image is live. `connected` is null before the first connection. `status` is the newest one of this
// connection, or null. `frameAt` is when its newest frame was drawn (performance.now()), null before the first one. `since` is when the
// connection began or ended. `rejected` is the count that came with that frame. `broken` is the error of a later frame, or "".
export function coverOf({ connected, status, frameAt, since, rejected, broken }, now) {
  if (connected === false) return [t("cover.disconnected"), t("cover.disconnected_text")];
  if (!status) return [t("cover.connecting"), t("cover.connecting_text")];
  const { state, reason, problem, fix, says } = status.source;
  if (state !== "streaming") return [t(REASONS[reason] ?? STATES[state]), statedBoth(problem, fix, says)];
  if (broken) return [t("cover.broken"), t("cover.broken_text", { why: broken })];
  if (status.stream.rejected > rejected) return [t("cover.broken"), t("cover.rejected_text")];
  if (now - (frameAt ?? since) > STALE_MS) return [t(REASONS[reason] ?? "cover.silent"), problem ? statedBoth(problem, fix, says) : t("cover.silent_text")];
  return frameAt === null ? [t("cover.waiting"), ""] : null;
}
