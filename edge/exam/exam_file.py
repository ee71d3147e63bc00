"""An exam's folder: its clips, and beside them `exam.json`, made from the record so that the folder can be read elsewhere."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from edge.disk.durable import replace_file, sync_folder, time_stamp, unused
from edge.exam.taking.capture import Window
from edge.notice import NOTICE
from edge.records.exams.clips import ClipRecord
from edge.records.exams.forms import DRAFT, StoredExam
from firmware_bridge.errors import DiskRefuses

FILE = "exam.json"
PART = ".part"
"""Ends the name of a recording that belongs to no clip yet."""


class ExamNotStored(DiskRefuses):
    """The disk refuses the exam's record; what was kept before is still there."""

    code = "exam-not-kept"


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A recording of a zone, in the exam's folder, and which of its frames are the clip. `by` is the capture itself, or the operator.

    `superseded_at`: when the zone was opened to be taken again.
    """

    zone: str
    file: str
    window: Window
    by: Literal["itself", "operator"]
    superseded_at: str | None = None


def make_folder(exams: Path, protocol: str) -> Path:
    """The folder of an exam that begins.

    Raises:
        ExamNotStored: the disk refuses it.
    """
    try:
        exams.mkdir(parents=True, exist_ok=True)
        folder = unused(exams / f"{time_stamp()}-{protocol}")
        folder.mkdir()
        sync_folder(exams)
    except OSError as error:
        raise not_stored(exams, error) from error
    return folder


def new_part(folder: Path, zone: str) -> Path:
    """A recording of a zone that is not there yet, under the name that it has until it is a clip."""
    names = (folder / f"{zone}{f'-{count}' * bool(count)}.mcap{PART}" for count in range(10_000))
    return next(name for name in names if not name.exists() and not name.with_suffix("").exists())


def settle(part: Path) -> Path:
    """Gives a whole recording its name; once this returns it survives a cut of power under it.

    Raises:
        ExamNotStored: the disk refuses it.
    """
    settled = part.with_suffix("")
    try:
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(settled)
        sync_folder(part.parent)
    except OSError as error:
        raise not_stored(part, error) from error
    return settled


def sidecar(exam: StoredExam, clips: tuple[ClipRecord, ...]) -> bytes:
    """What `exam.json` says: everything but the patient's identity."""
    said = {
        "notice": NOTICE,
        "open": exam.state == DRAFT,
        **{name: getattr(exam, name) for name in ("id", "study_uid", "state", "protocol", "emergency", "simulated", "qualified")},
        **{name: getattr(exam, name) for name in ("operator", "operator_id", "patient_id", "begun_at", "ended_at", "context")},
        "exam": exam.zones,
        "clips": [_clip(clip) for clip in clips],
    }
    return json.dumps(said, indent=1, default=str).encode()


def write_sidecar(folder: Path, exam: StoredExam, clips: tuple[ClipRecord, ...]) -> None:
    """Writes `exam.json`; once this returns it survives a cut of power.

    Raises:
        ExamNotStored: the disk refuses it; what was there before still is.
    """
    try:
        replace_file(folder / FILE, sidecar(exam, clips))
    except OSError as error:
        raise not_stored(folder, error) from error


def repair_sidecar(folder: Path, exam: StoredExam, clips: tuple[ClipRecord, ...]) -> bool:
    """Writes `exam.json` anew where it does not say what the record says, and tells whether it did not.

    Raises:
        ExamNotStored: the disk refuses it.
    """
    try:
        same = (folder / FILE).read_bytes() == sidecar(exam, clips)
    except OSError:
        same = False
    if not same:
        write_sidecar(folder, exam, clips)
    return not same


def not_stored(place: Path, error: OSError) -> ExamNotStored:
    fix = "Free some room on the disk, and check that this user may write there"
    return ExamNotStored(f"the exam cannot be written to {place} ({error.strerror})", fix)


def _clip(clip: ClipRecord) -> dict[str, object]:
    window = asdict(Window(clip.first, clip.last, clip.quality))
    told = {name: getattr(clip, name) for name in ("id", "zone", "file", "by", "sha256", "bytes", "overridden", "kept_at", "superseded_at")}
    return {**told, "window": window}
