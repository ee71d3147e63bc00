"""From the signals of an exam to its distances from the reference: three a channel, and a place among the features."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from edge.feedback.drift.distance import Kernel, edges, ks, psi, shares
from edge.feedback.drift.errors import ReferenceRefused, SignalsRefused
from edge.feedback.drift.signals import Signals
from edge.inference.statistics import Numbers

FEWEST_EXAMS = 60
"""Of the reference: with fewer, its own mean is so uncertain that the limits become too high to find anything."""


class Way(str, Enum):
    """How an exam differs from the reference in one channel; `UNLIKE` is that of the features."""

    HIGHER = "higher"
    LOWER = "lower"
    SPREAD = "spread"
    UNLIKE = "unlike"


@dataclass(frozen=True, slots=True)
class Measured:
    """(channels,) `shift`, above 0 where higher, and `spread`; (waves,) the `place` among the features. NaN where not measured."""

    shift: Numbers
    spread: Numbers
    place: Numbers


class Measure:
    """The distances of an exam from the clips of the reference exams."""

    def __init__(self, exams: Sequence[Signals]) -> None:
        """From the reference exams of a release.

        Raises:
            ReferenceRefused: they are fewer than `FEWEST_EXAMS`, or measure nothing in common.
            SignalsRefused: a value is not finite, or exams differ in their number of features.
        """
        if len(exams) < FEWEST_EXAMS:
            what = f"the reference has {len(exams)} exams, and at least {FEWEST_EXAMS} are needed"
            raise ReferenceRefused(what, "Give more exams of the machines on which the release was validated")
        names = {name for exam in exams for name, values in exam.values.items() if values.size}
        self.channels = tuple(sorted(name for name in names if sum(_has(exam, name) for exam in exams) >= FEWEST_EXAMS))
        features = [exam.features for exam in exams if exam.features is not None and exam.features.size]
        self._width = features[0].shape[1] if len(features) >= FEWEST_EXAMS else 0
        if not self.channels and not self._width:
            raise ReferenceRefused(
                "the reference exams measure nothing in common", f"Measure each channel in at least {FEWEST_EXAMS} exams"
            )
        for exam in exams:
            self._require_fitting(exam)
        self._kernel = Kernel(np.concatenate(features)) if self._width else None
        self._pools = [[exam.values.get(name, np.empty(0)) for exam in exams] for name in self.channels]
        self._sorted = [np.sort(np.concatenate(pool)) for pool in self._pools]
        self._edges = [edges(pool) for pool in self._sorted]
        self._shares = [shares(pool, at) for pool, at in zip(self._sorted, self._edges, strict=True)]

    def of(self, exam: Signals) -> Measured:
        """The distances of a new exam.

        Raises:
            SignalsRefused: a value is not finite, or there is another number of features.
        """
        self._require_fitting(exam)
        return self._from(self._sorted, exam)

    def of_reference(self, exams: Sequence[Signals]) -> list[Measured]:
        """The distances of each of the reference exams from the clips of all others."""
        pools = self._pools
        return [
            self._from([np.sort(np.concatenate(pool[:number] + pool[number + 1 :])) for pool in pools], exam)
            for number, exam in enumerate(exams)
        ]

    def _from(self, references: Sequence[Numbers], exam: Signals) -> Measured:
        shift, spread = np.full((2, len(self.channels)), np.nan)
        for number, name in enumerate(self.channels):
            if _has(exam, name):
                higher, lower = ks(exam.values[name], references[number])
                shift[number] = higher - lower
                spread[number] = psi(exam.values[name], self._shares[number], self._edges[number])
        return Measured(shift, spread, self._place(exam))

    def _place(self, exam: Signals) -> Numbers:
        if self._kernel is None or exam.features is None or not exam.features.size:
            return np.full(0 if self._kernel is None else 2 * Kernel.WAVES, np.nan)
        return self._kernel.mean(exam.features)

    def _require_fitting(self, exam: Signals) -> None:
        features = exam.features if exam.features is not None else np.empty((0, self._width))
        if not all(np.isfinite(each).all() for each in (*exam.values.values(), features)):
            raise SignalsRefused("a value of the exam is not a number", "Leave out what was not measured")
        if self._width and features.size and features.shape[1:] != (self._width,):
            raise SignalsRefused("the exam has another number of features than the reference", "Read it with the release in use")


def _has(exam: Signals, name: str) -> bool:
    return name in exam.values and exam.values[name].size > 0
