"""How a clip's answer is written: for people, as JSON lines, or as CSV; the keys are stable."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TextIO

from edge.exam.clip import UNREADABLE, ClipFinding
from edge.exam.recording import RecordingFinding
from edge.inference.release import ModelRelease
from edge.notice import NOTICE
from firmware_bridge.errors import BridgeError

Value = str | int | float | bool | None | Mapping[str, "Value"]


class Layout(str, Enum):
    TEXT = "text"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class ClipLine:
    """One clip's answer: `record` for machines, `text` for people, `error` where the clip could not be read."""

    record: Mapping[str, Value]
    text: str
    error: BridgeError | None = None


def line_of(path: Path, release: ModelRelease, read: RecordingFinding) -> ClipLine:
    """The line of a clip that was read."""
    finding = read.finding
    lost = {loss.cause: loss.frames for loss in read.losses}
    probabilities = {score.finding: score.probability for score in finding.scores}
    times = {"decode_ms": read.decode_ms, **{f"{stage}_ms": ms for stage, ms in finding.stage_ms.items()}, "total_s": read.total_s}
    record = _record(path, release, finding.reason, finding.advice or None, finding)
    record["quality"] = {
        "score": round(finding.quality, 1),
        "good_frames": finding.good_frames,
        "faults": dict(finding.faults),
        "lost": lost,
    }
    record["times"] = {name: round(value, 3) for name, value in times.items()}
    if finding.assessable:
        answer = "  ".join(f"{label.name} {probabilities[label.key]:4.0%}" for label in release.findings)
    else:
        answer = f"not assessable: {finding.reason} ({finding.advice})"
    lost_text = f", lost {sum(lost.values())} ({', '.join(lost)})" if lost else ""
    text = (
        f"{path}  {'SIMULATED  ' if finding.simulated else ''}{answer}  "
        f"quality {finding.quality:.0f}  frames {finding.frames}, good {finding.good_frames}{lost_text}  {read.total_s:.1f} s"
    )
    return ClipLine(record, text)


def unread_line(path: Path, release: ModelRelease, error: BridgeError) -> ClipLine:
    """The line of a clip that could not be read; the error is its `detail`."""
    record = _record(path, release, UNREADABLE, str(error), None)
    record["quality"] = {"score": None, "good_frames": 0, "faults": {}, "lost": {}}
    record["times"] = dict.fromkeys(("decode_ms", "prepare_ms", "invoke_ms", "interpret_ms", "total_s"))
    return ClipLine(record, f"{path}  not assessable: {error}", error)


def _record(path: Path, release: ModelRelease, reason: str | None, detail: str | None, finding: ClipFinding | None) -> dict[str, Value]:
    said = {score.finding: round(score.probability, 6) for score in finding.scores} if finding else {}
    return {
        "input": str(path),
        "frames": finding.frames if finding else 0,
        "simulated": finding.simulated if finding else False,
        "model": release.version,
        "assessable": reason is None,
        "reason": reason,
        "detail": detail,
        "notice": NOTICE,
        "findings": {label.key: {"probability": said.get(label.key)} for label in release.findings},
    }


def writer_of(layout: Layout, release: ModelRelease, out: TextIO) -> Callable[[ClipLine], None]:
    """Returns what writes one line to `out` and flushes it; people and CSV get a head line first."""
    if layout is Layout.JSON:
        return lambda line: print(json.dumps(line.record), file=out, flush=True)
    if layout is Layout.TEXT:
        print(f"Model {release.version}: {NOTICE}", file=out, flush=True)
        return lambda line: print(line.text, file=out, flush=True)
    rows = csv.writer(out, lineterminator="\n")
    head: list[str] = []

    def write(line: ClipLine) -> None:
        flat = flattened(line.record)
        if not head:
            head.extend(flat)
            rows.writerow(head)
        rows.writerow([flat[name] for name in head])
        out.flush()

    return write


COUNTS = ("faults", "lost")
"""Mappings whose keys differ from clip to clip: one CSV column each, written `cause=frames;cause=frames`."""


def flattened(record: Mapping[str, Value], prefix: str = "") -> dict[str, str | float | None]:
    """Nested keys joined by dots: `findings.b_lines.probability`; yes and no as in JSON."""
    flat: dict[str, str | float | None] = {}
    for key, value in record.items():
        name = prefix + key
        if not isinstance(value, Mapping):
            flat[name] = str(value).lower() if isinstance(value, bool) else value
        elif key in COUNTS:
            flat[name] = ";".join(f"{cause}={frames}" for cause, frames in value.items())
        else:
            flat.update(flattened(value, f"{name}."))
    return flat
