"""Real patients: those of COVID-BLUES on their machine, and other hospitals' exports, stated as the same machine: the hardest to notice."""

import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from edge.bench.drift.changes import GAINS_DB, Change, with_dead_elements, with_gain
from edge.bench.drift.patients import Patient
from edge.bench.drift.reading import clip_of, exam_of
from edge.feedback.drift.exams import ClipSignals
from edge.feedback.drift.signals import Signals
from edge.inference.reader import Reader
from firmware_bridge.example_data import example_data, manifest_of
from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.stated import stated

OWN, OTHER, MACHINE = "covid_blues", "pocus_lung", Machine.named("Philips Lumify")
EVERY, MOST = 12, 9
"""Of each clip every 12th frame is read, and at most nine: half a second lies between them."""
FEWEST_CLIPS = 4
"""A patient with fewer clips is no exam."""
SEVERE, SICK_SHARE = 2, 0.4
SICK = f"severity {SEVERE} or more in at least {SICK_SHARE:.0%} of the zones"
PREVALENCE = 0.3

Row = dict[str, str]


def own_patients(reader: Reader, each: Callable[[], None]) -> list[Patient]:
    """The patients of COVID-BLUES. Calls `each` after each patient.

    Raises:
        ExampleDataAbsent: they are not there.
    """
    found = []
    for rows in _by_patient(OWN, "patient_or_video_id").values():
        if len(rows) >= FEWEST_CLIPS:
            found.append(_patient(reader, rows))
            each()
    return found


def other_exams(reader: Reader, each: Callable[[], None]) -> list[Signals]:
    """An exam of each patient of POCUS lung who was filmed. Calls `each` after each patient.

    Raises:
        ExampleDataAbsent: they are not there.
    """
    found = []
    for rows in _by_patient(OTHER, "conservative_group").values():
        clips = [row for row in rows if row["type"] == "video"]
        if clips:
            found.append(exam_of(clip_of(reader, _frames(OTHER, row)) for row in clips))
            each()
    return found


def count() -> int:
    """How often `own_patients` and `other_exams` call `each`.

    Raises:
        ExampleDataAbsent: there are no real patients.
    """
    own = sum(len(rows) >= FEWEST_CLIPS for rows in _by_patient(OWN, "patient_or_video_id").values())
    return own + sum(any(row["type"] == "video" for row in rows) for rows in _by_patient(OTHER, "conservative_group").values())


def _patient(reader: Reader, rows: Sequence[Row]) -> Patient:
    steady: list[ClipSignals] = []
    changed: dict[Change, list[ClipSignals]] = defaultdict(list)
    for row in rows:
        frames = _frames(OWN, row)
        steady.append(clip_of(reader, frames))
        for change, db in GAINS_DB.items():
            changed[change].append(clip_of(reader, with_gain(frames, db)))
        changed[Change.DEAD].append(clip_of(reader, with_dead_elements(frames)))
    sick = sum(int(row["severity"]) >= SEVERE for row in rows) >= SICK_SHARE * len(rows)
    return Patient(sick, exam_of(steady), {change: exam_of(clips) for change, clips in changed.items()})


def _frames(part: str, row: Row) -> list[Frame]:
    with stated(open_file(example_data(part) / row["file"]), MACHINE) as source:
        return list(islice(source.frames(), None, EVERY * MOST, EVERY))


def _by_patient(part: str, column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    with manifest_of(_folder(part)).open(newline="") as rows:
        for row in csv.DictReader(rows):
            found[row[column]].append(row)
    return found


def _folder(part: str) -> Path:
    return example_data(part)
