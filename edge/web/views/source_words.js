// The source of the images in words.

import { t } from "/web/i18n.js";

export const SOURCE_STATES = { opening: "device.source_opening", streaming: "device.source_streaming", lost: "device.source_lost", ended: "device.source_ended", failed: "device.source_failed" };

export const sourceName = ({ name, url }) => name || url || t("device.none");

// Whether the simulated chest is in the place of the source for a test scan, and for how long; empty without a test.
export function trialLine({ trial_left_s: left }) {
  if (left === null) return "";
  return left > 0 ? t("welcome.test_runs", { minutes: Math.ceil(left / 60) }) : t("welcome.test_exam");
}

// One line: what it is and its state, or what is wrong with it, and whether it is simulated.
export function sourceLine(source) {
  const state = source.problem || `${sourceName(source)}: ${t(SOURCE_STATES[source.state])}`;
  return [state, trialLine(source) || (source.simulated && t("exam.simulated"))].filter(Boolean).join(". ");
}
