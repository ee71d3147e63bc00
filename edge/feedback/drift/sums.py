"""The sums of the drift watch: of one watch, or of hundreds of simulated ones at the same time, by the same lines.

Each channel has three cumulative sums: of its shift up, of its shift down, and of its spread. The features have no sign, so they have a
moving average of the exams' places instead, whose squared distance from the reference is their score (MMD with exponential weights: Keriven
et al., IEEE Trans Signal Process 2020;68:3515).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.feedback.charts.cusum import added
from edge.feedback.drift.measure import Measured
from edge.inference.statistics import Numbers

ALLOWANCE = 0.35
"""In spreads of the reference exams: half of the shift that is found soonest (Page 1954). On simulated wards: with 0.25, the limits for a
reference of 150 exams become high; with 0.5, a doubled prevalence is found later."""
LARGEST = 4.0
"""No exam counts for more spreads than this: one odd patient must not stop a model."""
NEW_SHARE = 0.1
"""The newest exam's share of the moving average."""
SMALLEST_SPREAD = 0.05
"""Of a distance that runs from 0 to 1: a setting that never changed in the reference has no spread of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Steady:
    """How the distances of steady exams spread: (..., channels) means and spreads of shift and spread; (..., waves) the mean place.

    `...` is nothing for one watch, and wards for many.
    """

    shift: Numbers
    shift_spread: Numbers
    spread: Numbers
    spread_spread: Numbers
    place: Numbers

    @classmethod
    def of(cls, measured: Measured) -> "Steady":
        """From (exams, channels) and (exams, waves)."""
        return cls(*_mean_and_spread(measured.shift), *_mean_and_spread(measured.spread), np.nanmean(measured.place, axis=0))

    @classmethod
    def stacked(cls, wards: Sequence["Steady"]) -> "Steady":
        """Those of many wards."""
        columns = zip(*((each.shift, each.shift_spread, each.spread, each.spread_spread, each.place) for each in wards), strict=True)
        return cls(*map(np.stack, columns))

    def weights(self, exam: Measured) -> Numbers:
        """(..., 3 x channels): what an exam adds to each sum; 0 where a channel is not measured."""
        shift = np.clip((exam.shift - self.shift) / self.shift_spread, -LARGEST, LARGEST)
        spread = np.minimum((exam.spread - self.spread) / self.spread_spread, LARGEST)
        return np.nan_to_num(np.concatenate([shift, -shift, spread], axis=-1) - ALLOWANCE, nan=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """(..., 3 x channels) `scores`, and (..., waves) the moving average `recent` of places, from the reference's."""

    scores: Numbers
    recent: Numbers

    def stepped(self, exam: Measured, steady: Steady) -> "Sums":
        """After one more exam."""
        away = np.nan_to_num(exam.place - steady.place - self.recent, nan=0.0)
        return Sums(added(self.scores, steady.weights(exam)), self.recent + NEW_SHARE * away)

    @property
    def all(self) -> Numbers:
        """(..., 3 x channels + 1) scores, with that of the features."""
        return np.concatenate([self.scores, (self.recent**2).sum(axis=-1, keepdims=True)], axis=-1)


def _mean_and_spread(values: Numbers) -> tuple[Numbers, Numbers]:
    return np.nanmean(values, axis=0), np.maximum(np.nanstd(values, axis=0), SMALLEST_SPREAD)
