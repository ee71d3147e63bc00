"""The watch: exam after exam, what adds up against the release's reference. Its state is numbers only, so it survives a restart as JSON."""

from dataclasses import dataclass, replace

import numpy as np

from edge.feedback.drift.errors import SignalsRefused
from edge.feedback.drift.reference import Reference
from edge.feedback.drift.signals import Signals
from edge.feedback.drift.sums import Sums

Numbers = tuple[float, ...]
Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """After so many `exams`: the `scores` of the charts of a reference, and for each the last exam at which it was 0.

    `measured` counts the exams that measured each channel, and then those with features. `recent` is the moving average of the features.
    Exams of one patient are alike, so only the first of a stay is for the watch.
    From the exam `stopped_at` on nothing is added, until a person decides and a new watch begins: the evidence stays as it was.
    """

    exams: int
    scores: Numbers
    zero_at: Counts
    measured: Counts
    recent: Numbers
    stopped_at: int | None = None

    @classmethod
    def new(cls, reference: Reference) -> "Watch":
        """Before the first exam."""
        charts, channels = len(reference.charts), len(reference.measure.channels)
        return cls(0, (0.0,) * charts, (0,) * charts, (0,) * (channels + 1), (0.0,) * len(reference.steady.place))

    def stepped(self, reference: Reference, exam: Signals) -> "Watch":
        """After one more exam.

        Raises:
            SignalsRefused: a value is not finite, or this is the watch of another reference.
        """
        if self.stopped_at is not None:
            return self
        if len(self.scores) != len(reference.charts) or len(self.recent) != len(reference.steady.place):
            raise SignalsRefused("the watch is of another reference", "Begin a new watch with each release")
        found, number = reference.measure.of(exam), self.exams + 1
        sums = Sums(np.array(self.scores[:-1]), np.array(self.recent)).stepped(found, reference.steady)
        scores = tuple(map(float, sums.all))
        there = (*np.isfinite(found.shift).tolist(), bool(np.isfinite(found.place).all()))
        return replace(
            self,
            exams=number,
            scores=scores,
            zero_at=tuple(at if score > 0 else number for at, score in zip(self.zero_at, scores, strict=True)),
            measured=tuple(count + is_there for count, is_there in zip(self.measured, there, strict=True)),
            recent=tuple(map(float, sums.recent)),
            stopped_at=number if any(score >= chart.limit for score, chart in zip(scores, reference.charts, strict=True)) else None,
        )
