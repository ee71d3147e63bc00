// The few values of /metrics that the device page shows; they are in no other answer of the API.

const LINE = /^(\w+)(?:{(.*)})? (\S+)$/;
const STAGE = /stage="(\w+)"/;
const MS = 1000;

// Null where the appliance does not answer.
export async function readMetrics() {
  const answer = await fetch("/metrics").catch(() => null);
  if (!answer?.ok) return null;
  const found = { budgetsMs: {}, framesPerSecond: 0, memoryBytes: 0, celsius: null, diskBytes: null, diskFreeBytes: null };
  const take = {
    sonoedge_stage_budget_seconds: (value, labels) => { found.budgetsMs[STAGE.exec(labels)[1]] = value * MS; },
    sonoedge_frames_per_second: (value) => { found.framesPerSecond = value; },
    sonoedge_temperature_celsius: (value) => { found.celsius = value; },
    sonoedge_disk_bytes: (value) => { found.diskBytes = value; },
    sonoedge_disk_free_bytes: (value) => { found.diskFreeBytes = value; },
    process_resident_memory_bytes: (value) => { found.memoryBytes = value; },
  };
  for (const line of (await answer.text()).split("\n")) {
    const [, name, labels, value] = LINE.exec(line) ?? [];
    take[name]?.(Number(value), labels);
  }
  return found;
}
