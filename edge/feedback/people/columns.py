"""What is collected of people, as columns: some bytes for each case, and no exam stays in memory."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import nan

import numpy as np

from edge.exam.review.persons import persons_of
from edge.exam.verdict import Verdict
from edge.feedback.performance.cohort import Cohort
from edge.feedback.statistics.tally import Codes
from edge.inference.statistics import Numbers
from edge.records.exams.patients import StoredPatient


class Numbered:
    """The patients by number; who is registered twice counts once."""

    def __init__(self) -> None:
        self._patients: dict[str, StoredPatient] = {}
        self._numbers: dict[str, int] = {}

    def number(self, patient: StoredPatient) -> int:
        self._patients.setdefault(patient.id, patient)
        return self._numbers.setdefault(patient.id, len(self._numbers))

    def person_of(self) -> Sequence[int]:
        """The number of the person behind each patient, by the number of the patient."""
        persons = persons_of(self._patients.values())
        return [self._numbers[persons[patient]] for patient in self._patients]


class Rows:
    """Cases of patients, with two numbers each; NaN where one is missing."""

    def __init__(self) -> None:
        self._patients, self._one, self._other = array("l"), array("d"), array("d")

    def __len__(self) -> int:
        return len(self._patients)

    def add(self, patient: int, one: float, other: float) -> None:
        self._patients.append(patient)
        self._one.append(one)
        self._other.append(other)

    def persons(self, person_of: Sequence[int]) -> Codes:
        """The person of each case."""
        return np.asarray(person_of, np.intp)[np.asarray(self._patients, np.intp)]

    def pairs(self) -> Numbers:
        """(cases, 2) the numbers."""
        return np.column_stack([np.asarray(self._one), np.asarray(self._other)])


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial of a learning curve, in the exam with this id, begun at this time; `zone` is None where it is the whole exam."""

    exam: str
    at: datetime
    zone: str | None
    failed: bool


Charted = tuple[str, str | None]
"""A protocol, and what a curve under it is of: the key of a finding; None: the image quality."""


@dataclass(slots=True)
class SideFound:
    """What a person did in one part; see `edge.feedback.people.figures.Side`. `scores` are pairs of the person's and the over-reader's."""

    exams: int = 0
    unnamed: int = 0
    chosen: int = 0
    cohorts: defaultdict[str, Cohort] = field(default_factory=lambda: defaultdict(Cohort))
    scores: Rows = field(default_factory=Rows)
    trials: defaultdict[Charted, list[Trial]] = field(default_factory=lambda: defaultdict(list))
    untold: Counter[Charted] = field(default_factory=Counter)

    def add(self, patient: int, finding: str, *, has: bool, stated: bool) -> None:
        """A case of the patient with this number: what the over-reader states, and what the person did."""
        answer = Verdict.PRESENT if stated else Verdict.ABSENT
        self.cohorts[finding].add(patient, truth=has, answer=answer, probability=nan, strata=())


@dataclass(slots=True)
class PaceFound:
    """Of exams in one protocol; without a time that can be right, an exam is `untimed`."""

    exams: int = 0
    untimed: int = 0
    minutes: "array[float]" = field(default_factory=lambda: array("d"))
    quality: "array[float]" = field(default_factory=lambda: array("d"))


@dataclass(slots=True)
class PersonFound:
    """Of one person.

    `trust` has two numbers for each decision: 1 where the person agreed with the model, 0 opposed, NaN could not tell; and the same of the
    over-reader, where NaN is unknown.
    """

    operator: SideFound = field(default_factory=SideFound)
    reader: SideFound = field(default_factory=SideFound)
    trust: Rows = field(default_factory=Rows)
    paces: defaultdict[str, PaceFound] = field(default_factory=lambda: defaultdict(PaceFound))
