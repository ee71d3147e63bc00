"""The clips that a network can learn from: those of ended exams of real patients that a reader labelled."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from edge.exam.review.labels import Label, labels_of
from edge.exam.review.persons import persons_of
from edge.exam.stored import StoredExams
from edge.exam.taking.capture import Window
from edge.records.exams.answered import AnsweredExam, AnsweredExams
from edge.records.exams.clips import WHOLE, ClipRecord
from edge.records.exams.patients import StoredPatient


class Left(str, Enum):
    """Why a labelled clip is not in the set."""

    UNNAMED = "its exam has no patient, who may be the same person as another"
    SIMULATED = "its images are of no patient"
    CONTRADICTED = "readers contradict each other on all that they state of it"
    LOST = "there is no recording any more"
    CHANGED = "the recording has changed since it was made"
    UNREADABLE = "the recording cannot be read"
    UNCLEAN = "the ultrasound cannot be separated from what surrounds it, such as a name"


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """A recording with what readers stated of it; `patient` stands for one person, however often registered."""

    exam_id: str
    patient: str
    protocol: str
    zone: str
    path: Path
    sha256: str
    window: Window
    labels: Mapping[str, Label]


@dataclass(slots=True)
class Collected:
    """`left` counts the labelled clips that are not among `clips`; `contradicted` single labels are left out of clips that are."""

    clips: list[LabelledClip] = field(default_factory=list)
    left: Counter[Left] = field(default_factory=Counter)
    contradicted: int = 0
    patients: dict[str, StoredPatient] = field(default_factory=dict)


def collected(stored: StoredExams, admits: Callable[[str], bool]) -> Collected:
    """Looks through all ended exams of real patients under the protocols that are admitted.

    Raises:
        RecordsFull, RecordsUnusable: the records cannot be read.
    """
    found = Collected()
    for exam in AnsweredExams(stored.store).each():
        labels = labels_of(exam, exam.answers, exam.reviews) if admits(exam.protocol) else {}
        if labels:
            _add(found, stored, exam, labels)
    persons = persons_of(found.patients.values())
    found.clips = [replace(clip, patient=persons[clip.patient]) for clip in found.clips]
    return found


def _add(found: Collected, stored: StoredExams, exam: AnsweredExam, labels: Mapping[str, Mapping[str, Label | None]]) -> None:
    record = stored.records.get(exam.id)
    for clip in stored.records.clips(exam.id):
        stated = labels.get(clip.zone)
        if not stated or clip.superseded_at is not None:
            continue
        certain = {key: label for key, label in stated.items() if label is not None}
        path = stored.recording_of(record, clip.file)
        why = _unusable(exam, clip, certain, path)
        if why is not None or exam.patient is None or path is None:
            found.left[why or Left.LOST] += 1
            continue
        found.contradicted += len(stated) - len(certain)
        found.patients[exam.patient.id] = exam.patient
        window = Window(clip.first, clip.last, clip.quality)
        found.clips.append(
            LabelledClip(exam.id, exam.patient.id, exam.protocol, clip.zone, path, sha256=clip.sha256, window=window, labels=certain)
        )


def _unusable(exam: AnsweredExam, clip: ClipRecord, certain: Mapping[str, Label], path: Path | None) -> Left | None:
    reasons = {
        Left.UNNAMED: exam.patient is None,
        Left.SIMULATED: clip.simulated,
        Left.CONTRADICTED: not certain,
        Left.LOST: clip.file_state != WHOLE or path is None,
    }
    return next((why for why, holds in reasons.items() if holds), None)
