"""Many watches of one reference at the same time, by the lines of `edge.feedback.drift.sums`: how often they stop, and how soon."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.bench.drift.patients import Stream
from edge.feedback.drift.measure import Measured
from edge.feedback.drift.reference import Reference
from edge.feedback.drift.signals import Signals
from edge.feedback.drift.sums import Sums
from edge.inference.statistics import Numbers

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Watches:
    """`count` watches of a `reference`, whose exams are drawn by `rng`."""

    reference: Reference
    rng: np.random.Generator
    count: int

    def stops(self, stream: Stream, exams: int) -> int:
        """All stops in so many exams of each watch; after a stop a new watch begins."""
        measured, sums, stops = self._measured(stream.exams), self._begin(), 0
        for _ in range(exams):
            sums, stopped = self._stepped(sums, measured, stream.chances)
            stops += int(stopped.sum())
            sums = Sums(np.where(stopped[:, None], 0.0, sums.scores), np.where(stopped[:, None], 0.0, sums.recent))
        return stops

    def delays(self, stream: Stream, most: int) -> Numbers:
        """(count,) exams until each watch stops, infinite if none of `most` does. A watch begins with the change: the worst moment."""
        measured, sums, delays = self._measured(stream.exams), self._begin(), np.full(self.count, np.inf)
        for number in range(1, most + 1):
            sums, stopped = self._stepped(sums, measured, stream.chances)
            delays[stopped & np.isinf(delays)] = number
        return delays

    def _stepped(self, sums: Sums, measured: Measured, chances: Numbers) -> tuple[Sums, Flags]:
        drawn = self.rng.choice(len(chances), self.count, p=chances)
        after = sums.stepped(Measured(measured.shift[drawn], measured.spread[drawn], measured.place[drawn]), self.reference.steady)
        return after, np.any(after.all >= [chart.limit for chart in self.reference.charts], axis=1)

    def _begin(self) -> Sums:
        return Sums(np.zeros((self.count, len(self.reference.charts) - 1)), np.zeros((self.count, len(self.reference.steady.place))))

    def _measured(self, exams: Sequence[Signals]) -> Measured:
        each = [self.reference.measure.of(exam) for exam in exams]
        return Measured(*(np.stack([getattr(one, name) for one in each]) for name in ("shift", "spread", "place")))
