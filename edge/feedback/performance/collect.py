"""Collects the cases of a site: its exams go by one after another, and only the columns of the cases stay."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from math import nan
from typing import Literal

from edge.exam.likelihood.in_exam import EACH_SIDE
from edge.exam.review.labels import Label, labels_of
from edge.exam.review.persons import persons_of
from edge.exam.verdict import Verdict
from edge.feedback.performance.cohort import Cohort
from edge.feedback.performance.signs import ExamSigns
from edge.feedback.performance.strata import BLIND, Dimension, Strata, machine_of, of_exam, of_images
from edge.feedback.truth.condition import conditions
from edge.feedback.truth.standing import Stated, Truth, truth_of
from edge.records.exams.answered import AnsweredExam
from edge.records.exams.patients import StoredPatient

LEAST_LEVEL = 2
"""A weak reference alone does not judge the model: see `edge.feedback.truth.condition.Level`."""


class Left(str, Enum):
    """Why a label or an outcome does not count."""

    UNNAMED = "unnamed"
    """Its exam has no patient, who may be the same person as another."""
    CONTRADICTED = "contradicted"
    """Readers contradict each other."""
    OPEN = "open"
    """The outcomes differ, could not tell, or are of a weak reference."""
    NO_SIGN = "no sign"
    """The exam states nothing of the sign."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a finding in a zone against a reader, or the sign of a finding in an exam against a condition that turned out."""

    kind: Literal["zone", "exam"]
    finding: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class SignCase:
    """How the sign of an exam, with the decisions of people, answered a condition that became known."""

    patient: int
    at: datetime
    present: bool
    answer: Verdict
    machine: str


@dataclass(slots=True)
class Collected:
    """Cases, exams with a case, and what does not count, by protocol; `signs` are in the order of the exams."""

    cohorts: defaultdict[str, defaultdict[Subject, Cohort]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Cohort)))
    exams: Counter[str] = field(default_factory=Counter)
    left: defaultdict[str, Counter[Left]] = field(default_factory=lambda: defaultdict(Counter))
    signs: defaultdict[Subject, list[SignCase]] = field(default_factory=lambda: defaultdict(list))
    patients: dict[str, StoredPatient] = field(default_factory=dict)

    def person_of(self) -> list[int]:
        """The number of the person behind each patient, by the number of the patient: who is registered twice counts once."""
        numbers = {patient: number for number, patient in enumerate(self.patients)}
        persons = persons_of(self.patients.values())
        return [numbers[persons[patient]] for patient in self.patients]

    def together(self) -> dict[Subject, Cohort]:
        """The cases of all protocols."""
        joined: defaultdict[Subject, Cohort] = defaultdict(Cohort)
        for cohorts in self.cohorts.values():
            for subject, cohort in cohorts.items():
                joined[subject].extend(cohort)
        return joined


@dataclass(frozen=True, slots=True)
class _Known:
    """An exam, the number of its patient, and what holds of all of it."""

    exam: AnsweredExam
    number: int
    strata: Strata


class Collector:
    """Takes the exams one by one; see `Collected`."""

    def __init__(self, signs: ExamSigns, outcomes: Mapping[str, Sequence[Stated]]) -> None:
        """`outcomes` are those that hold, by exam."""
        self.found = Collected()
        self._signs, self._outcomes = signs, outcomes
        self._numbers: dict[str, int] = {}

    def add(self, exam: AnsweredExam) -> None:
        """Adds what an exam tells."""
        labels, outcomes = labels_of(exam, exam.answers, exam.reviews), self._outcomes.get(exam.id, ())
        if not labels and not outcomes:
            return
        if exam.patient is None:
            self._leave(exam, Left.UNNAMED)
            return
        self.found.patients.setdefault(exam.patient.id, exam.patient)
        number = self._numbers.setdefault(exam.patient.id, len(self._numbers))
        known = _Known(exam, number, of_exam(exam))
        used = self._add_zones(known, labels) + self._add_signs(known, outcomes)
        self.found.exams[exam.protocol] += used > 0

    def _add_zones(self, known: _Known, labels: Mapping[str, Mapping[str, Label | None]]) -> int:
        used, strata = 0, dict[tuple[str, str, bool], Strata]()
        for each in known.exam.answers:
            stated = labels.get(each.zone, {})
            if each.superseded_at is not None or each.key not in stated:
                continue
            label = stated[each.key]
            if label is None:
                self._leave(known.exam, Left.CONTRADICTED)
                continue
            clip = (each.zone, each.release, label.blind)
            if clip not in strata:
                of_zone = ((Dimension.ZONE, each.zone), (Dimension.READER, BLIND[label.blind]))
                strata[clip] = (*known.strata, *of_images((each,)), *of_zone)
            cohort = self._cohort(known.exam, Subject("zone", each.key))
            cohort.add(known.number, truth=label.has, answer=Verdict(each.verdict), probability=each.probability, strata=strata[clip])
            used += 1
        return used

    def _add_signs(self, known: _Known, outcomes: Sequence[Stated]) -> int:
        used = 0
        for condition in conditions():
            if all(each.condition != condition.id for each in outcomes):
                continue
            truth = truth_of(condition, outcomes, LEAST_LEVEL)
            if truth.present is None:
                self._leave(known.exam, Left.OPEN)
                continue
            used += sum(self._add_sign(known, Subject("exam", finding, condition.id), truth) for finding in condition.findings)
        return used

    def _add_sign(self, known: _Known, subject: Subject, truth: Truth) -> bool:
        exam, finding = known.exam, subject.finding
        by_model, holding = self._signs.of(exam, finding)
        if by_model is None or holding is None or truth.reference is None:
            if finding in EACH_SIDE:
                self._leave(exam, Left.NO_SIGN)
            return False
        answers = [each for each in exam.answers if each.key == finding and each.superseded_at is None]
        strata = (*known.strata, *of_images(answers), (Dimension.REFERENCE, truth.reference.value))
        self._cohort(exam, subject).add(known.number, truth=truth.present is True, answer=by_model, probability=nan, strata=strata)
        self.found.signs[subject].append(SignCase(known.number, exam.begun_at, truth.present is True, holding, machine_of(answers)))
        return True

    def _leave(self, exam: AnsweredExam, why: Left) -> None:
        self.found.left[exam.protocol][why] += 1

    def _cohort(self, exam: AnsweredExam, subject: Subject) -> Cohort:
        return self.found.cohorts[exam.protocol][subject]
