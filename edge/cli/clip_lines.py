"""The output for a clip: text for people, JSON lines or CSV. The keys are stable."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TextIO

from edge.exam.clip import NOT_A_LUNG, NOT_ULTRASOUND, NOVELTY, ClipFinding, ClipScore
from edge.exam.recording import RecordingFinding
from edge.exam.verdict import WORDS, verdict_of
from edge.inference.finding_label import CANNOT_TELL
from edge.inference.release import ModelRelease
from edge.inference.shown import percent, whole
from edge.notice import NOT_VALIDATED, NOTICE
from firmware_bridge.errors import BridgeError, NotUltrasound
from firmware_bridge.machine import UNKNOWN_NAME

Value = str | int | float | bool | None | list[str] | list[int] | Mapping[str, "Value"]

UNREADABLE = "unreadable"
"""The reason of a file that cannot be read at all; the other reasons are those of a clip."""


class Layout(str, Enum):
    TEXT = "text"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class ClipLine:
    """The output for one clip: `record` for machines, `text` for people, `error` if the clip could not be read."""

    record: Mapping[str, Value]
    text: str
    error: BridgeError | None = None


def line_of(path: Path, release: ModelRelease, read: RecordingFinding) -> ClipLine:
    """The line of a clip that could be read."""
    finding = read.finding
    lost = {loss.cause: loss.frames for loss in read.losses}
    times = {"decode_ms": read.decode_ms, **{f"{stage}_ms": ms for stage, ms in finding.stage_ms.items()}, "total_s": read.total_s}
    record = _record(path, release, _Obstacle(finding.reason, finding.code, finding.advice), finding)
    record["quality"] = {
        "score": round(finding.quality, 1),
        "good_frames": finding.good_frames,
        "faults": dict(finding.faults),
        "lost": lost,
    }
    record["times"] = {name: round(value, 3) for name, value in times.items()}
    lost_text = f", lost {sum(lost.values())} ({', '.join(lost)})" if lost else ""
    marks = f"{'SIMULATED  ' if finding.simulated else ''}{'' if finding.machine_validated else f'{NOT_VALIDATED}: {finding.machine}  '}"
    text = (
        f"{path}  {marks}{_answer(release, finding)}  "
        f"quality {whole(finding.quality)}  frames {finding.frames}, good {finding.good_frames}{lost_text}  {read.total_s:.1f} s"
    )
    return ClipLine(record, text)


def unread_line(path: Path, release: ModelRelease, error: BridgeError) -> ClipLine:
    """The line of a clip that could not be read; the error is its `detail`."""
    foreign = isinstance(error, NotUltrasound)
    obstacle = _Obstacle(NOVELTY, NOT_ULTRASOUND, f"{NOT_A_LUNG}: {error}") if foreign else _Obstacle(UNREADABLE, error.code, str(error))
    record = _record(path, release, obstacle, None)
    record["quality"] = {"score": None, "good_frames": 0, "faults": {}, "lost": {}}
    record["times"] = dict.fromkeys(("decode_ms", "prepare_ms", "invoke_ms", "interpret_ms", "total_s"))
    return ClipLine(record, f"{path}  not assessable: {obstacle.detail}", error)


@dataclass(frozen=True, slots=True)
class _Obstacle:
    """Why a clip cannot be assessed; `reason` is None if it can be assessed."""

    reason: str | None
    code: str
    detail: str


def _answer(release: ModelRelease, finding: ClipFinding) -> str:
    if not finding.assessable:
        return f"not assessable, {finding.reason}: {finding.advice} ({finding.code})"
    names = {label.key: label.name for label in release.findings}
    return "  ".join(f"{names[score.finding]} {percent(score.probability)} % {WORDS[verdict_of(score.set)]}" for score in finding.scores)


def _record(path: Path, release: ModelRelease, obstacle: _Obstacle, finding: ClipFinding | None) -> dict[str, Value]:
    scores = {score.finding: score for score in finding.scores} if finding else {}
    novelty = finding.novelty if finding else None
    return {
        "input": str(path),
        "frames": finding.frames if finding else 0,
        "simulated": finding.simulated if finding else False,
        "machine": finding.machine if finding else UNKNOWN_NAME,
        "machine_by_person": finding.machine_by_person if finding else False,
        "machine_validated": finding.machine_validated if finding else False,
        "model": release.version,
        "release": release.ident,
        "assessable": obstacle.reason is None,
        "reason": obstacle.reason,
        "code": obstacle.code or None,
        "detail": obstacle.detail or None,
        "novelty": None if novelty is None else round(novelty, 4),
        "novelty_limit": round(release.novelty.limit, 4),
        "notice": NOTICE,
        "findings": {label.key: _finding(scores.get(label.key)) for label in release.findings},
    }


def _finding(score: ClipScore | None) -> dict[str, Value]:
    if score is None:
        return {"probability": None, "set": list(CANNOT_TELL), "frames": []}
    return {"probability": round(score.probability, 6), "set": list(score.set), "frames": list(score.weighed_most)}


def writer_of(layout: Layout, release: ModelRelease, out: TextIO) -> Callable[[ClipLine], None]:
    """A function that writes one line to `out` and flushes it; text and CSV start with a header line."""
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
"""Mappings with different keys in each clip: one CSV column for each mapping, written `cause=frames;cause=frames`."""


def flattened(record: Mapping[str, Value], prefix: str = "") -> dict[str, str | float | None]:
    """Nested keys joined by dots: `findings.b_lines.probability`. Booleans as in JSON, lists joined by spaces."""
    flat: dict[str, str | float | None] = {}
    for key, value in record.items():
        name = prefix + key
        if isinstance(value, list):
            flat[name] = " ".join(map(str, value))
        elif not isinstance(value, Mapping):
            flat[name] = str(value).lower() if isinstance(value, bool) else value
        elif key in COUNTS:
            flat[name] = ";".join(f"{cause}={frames}" for cause, frames in value.items())
        else:
            flat.update(flattened(value, f"{name}."))
    return flat
