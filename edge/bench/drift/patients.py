"""Patients of whom each kind of shift was read, and the streams of exams that are drawn of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.bench.drift.changes import Change
from edge.feedback.drift.signals import Signals
from edge.inference.statistics import Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Patient:
    """The signals of one exam, and of the same exam after each change of the frames. `sick`: with the finding that gets more frequent."""

    sick: bool
    steady: Signals
    changed: Mapping[Change, Signals] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Exams that are drawn with replacement, each with its chance: (exams,), 1 in all."""

    exams: Sequence[Signals]
    chances: Numbers

    @classmethod
    def even(cls, exams: Sequence[Signals]) -> "Stream":
        return cls(exams, np.full(len(exams), 1 / len(exams)))


@dataclass(frozen=True, slots=True, eq=False)
class Ward:
    """The exams of a reference, the stream of steady ones, and the stream after each change."""

    reference: Sequence[Signals]
    steady: Stream
    changed: Mapping[Change, Stream]


def chances(patients: Sequence[Patient], prevalence: float) -> Numbers:
    """(patients,) of being drawn, so that this share of the exams is of a sick one."""
    sick = np.array([each.sick for each in patients])
    return np.asarray(np.where(sick, prevalence / max(1, sick.sum()), (1 - prevalence) / max(1, (~sick).sum())), np.float64)


def ward_of(reference: Sequence[Patient], seen: Sequence[Patient], prevalence: float, elsewhere: Sequence[Signals] = ()) -> Ward:
    """`seen` come to the ward; `elsewhere` are exams of another machine, where it has other patients."""
    chance = chances(seen, prevalence)
    steady = [each.steady for each in seen]
    changed = [each for each in seen if each.changed]
    streams = {
        change: Stream([each.changed[change] for each in changed], chances(changed, prevalence))
        for change in (changed[0].changed if changed else ())
    }
    if elsewhere:
        streams[Change.MACHINE] = Stream.even(elsewhere)
    streams[Change.PREVALENCE] = Stream(steady, chances(seen, 2 * prevalence))
    return Ward([each.steady for each in reference], Stream(steady, chance), streams)
