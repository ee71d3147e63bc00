"""Collects what a calibration is fitted on: the recorded logits of one release with what readers stated, machine by machine."""

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from edge.exam.clip import NOVELTY, QUALITY
from edge.exam.review.labels import Label, labels_of
from edge.exam.review.persons import persons_of
from edge.feedback.progress import Progress, added
from edge.inference.acceptance.judge import JudgedClip
from edge.records.exams.answered import Answer, AnsweredExam, AnsweredExams
from edge.records.exams.patients import StoredPatient
from edge.records.store import Store
from firmware_bridge.machine import Machine

MOST_CLIPS = 5000
"""The newest clips of a machine count: so many need seconds and some hundred MB, and more would hardly change a slope and an offset."""


class Left(str, Enum):
    """Why a label does not count."""

    UNNAMED = "its exam has no patient, who may be the same person as another"
    CONTRADICTED = "readers contradict each other"
    OTHER_RELEASE = "another release answered"
    NO_MACHINE = "the machine is not known"
    UNFIT = "the images could not be assessed"
    OLDER = f"older than the newest {MOST_CLIPS} clips of its machine"


@dataclass(frozen=True, slots=True)
class ReadClip:
    """A clip, and how many of its labels were read without the model's answer in view."""

    clip: JudgedClip
    blind: int


@dataclass(slots=True)
class OfMachine:
    """The clips of one scanner, the oldest first."""

    read: deque[ReadClip] = field(default_factory=lambda: deque(maxlen=MOST_CLIPS))

    @property
    def clips(self) -> list[JudgedClip]:
        return [each.clip for each in self.read]

    @property
    def patients(self) -> int:
        return len({each.clip.patient for each in self.read})

    @property
    def blind(self) -> int:
        """Labels that were read blind."""
        return sum(each.blind for each in self.read)

    @property
    def in_view(self) -> int:
        """Labels that were read with the model's answer in view, which flatters the model."""
        return sum(len(each.clip.labels) for each in self.read) - self.blind


@dataclass(slots=True)
class Collected:
    """By the name of the scanner; `left` counts the labels that do not count."""

    machines: dict[str, OfMachine] = field(default_factory=dict)
    left: Counter[Left] = field(default_factory=Counter)


def collected_of(store: Store, release: str) -> Iterator[Progress | Collected]:
    """The progress, and at last the cases of open records, for the release with this ident.

    Raises:
        RecordsFull, RecordsUnusable: they cannot be read.
    """
    exams, collector = AnsweredExams(store), Collector(release)
    yield from added(exams.each(), exams.count(), collector.add)
    yield collector.found()


class Collector:
    """Takes the exams one by one, for the release with this ident."""

    def __init__(self, release: str) -> None:
        self._release = release
        self._found = Collected()
        self._patients: dict[str, StoredPatient] = {}

    def add(self, exam: AnsweredExam) -> None:
        """Adds what an exam tells."""
        labels = labels_of(exam, exam.answers, exam.reviews)
        by_zone: dict[str, list[Answer]] = {}
        for answer in exam.answers:
            if answer.superseded_at is None and answer.key in labels.get(answer.zone, {}):
                by_zone.setdefault(answer.zone, []).append(answer)
        for zone, answers in by_zone.items():
            self._add_clip(exam, answers, labels[zone])

    def found(self) -> Collected:
        """What was collected; somebody who is registered twice is one patient."""
        persons = persons_of(self._patients.values())
        for of in self._found.machines.values():
            named = (ReadClip(replace(each.clip, patient=persons[each.clip.patient]), each.blind) for each in of.read)
            of.read = deque(named, MOST_CLIPS)
        return self._found

    def _add_clip(self, exam: AnsweredExam, answers: Iterable[Answer], stated: Mapping[str, Label | None]) -> None:
        labels: dict[str, Label] = {}
        logits: dict[str, float] = {}
        scanner = ""
        for answer in answers:
            label, why = stated[answer.key], self._unusable(exam, answer)
            if label is None or answer.logit is None or why is not None:
                self._found.left[why or Left.CONTRADICTED] += 1
                continue
            scanner = Machine.named(answer.machine or "").scanner
            labels[answer.key], logits[answer.key] = label, answer.logit
        if labels and exam.patient is not None:
            self._patients[exam.patient.id] = exam.patient
            clip = JudgedClip(exam.patient.id, {key: label.has for key, label in labels.items()}, logits)
            self._append(scanner, ReadClip(clip, sum(label.blind for label in labels.values())))

    def _append(self, scanner: str, read: ReadClip) -> None:
        of = self._found.machines.setdefault(scanner, OfMachine())
        if len(of.read) == MOST_CLIPS:
            self._found.left[Left.OLDER] += len(of.read[0].clip.labels)
        of.read.append(read)

    def _unusable(self, exam: AnsweredExam, answer: Answer) -> Left | None:
        reasons = {
            Left.UNNAMED: exam.patient is None,
            Left.OTHER_RELEASE: answer.release != self._release,
            Left.NO_MACHINE: not Machine.named(answer.machine or "").scanner,
            Left.UNFIT: answer.reason in {QUALITY, NOVELTY} or answer.logit is None or not math.isfinite(answer.logit),
        }
        return next((why for why, holds in reasons.items() if holds), None)
