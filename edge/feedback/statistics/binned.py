"""Probabilities of many sites as counts in bins: what a calibration and an AUC need, and no case has to travel.

The bins have equal width, so the AUC and the calibration error of their sum are approximate: cases in one bin count as ties.
"""

from dataclasses import dataclass

import numpy as np
from typing_extensions import Self

from edge.feedback.statistics.cases import Cases

BINS = 20


@dataclass(frozen=True, slots=True)
class Binned:
    """For each bin of probability: cases `having` the finding, cases `lacking` it, and the sum of their probabilities."""

    having: tuple[int, ...] = (0,) * BINS
    lacking: tuple[int, ...] = (0,) * BINS
    probability: tuple[float, ...] = (0.0,) * BINS

    @classmethod
    def of(cls, cases: Cases) -> Self:
        """Of the cases with a known truth and a probability."""
        known = ~np.isnan(cases.truth) & ~np.isnan(cases.probability)
        truth, probability = cases.truth[known], cases.probability[known]
        place = np.minimum((probability * BINS).astype(np.intp), BINS - 1)
        counts = [np.bincount(place[truth == label], minlength=BINS).tolist() for label in (1, 0)]
        return cls(tuple(counts[0]), tuple(counts[1]), tuple(np.bincount(place, probability, BINS).tolist()))

    def __add__(self, other: "Binned") -> "Binned":
        """Both, of different cases."""
        pairs = ((self.having, other.having), (self.lacking, other.lacking))
        having, lacking = (tuple(one + another for one, another in zip(*pair, strict=True)) for pair in pairs)
        probability = tuple(one + another for one, another in zip(self.probability, other.probability, strict=True))
        return Binned(having, lacking, probability)

    @property
    def auc(self) -> float | None:
        """As `edge.feedback.statistics.scored.auc`, with ties in each bin; None where all cases are of one kind."""
        having, lacking = np.asarray(self.having, np.float64), np.asarray(self.lacking, np.float64)
        pairs = having.sum() * lacking.sum()
        below = np.cumsum(lacking) - lacking / 2
        return float(having @ below / pairs) if pairs else None

    @property
    def ece(self) -> float | None:
        """The mean over cases of |mean probability - share| of their bin (Naeini et al., AAAI 2015); None without a case."""
        of = np.asarray(self.having) + np.asarray(self.lacking)
        off = np.abs(np.asarray(self.probability) - np.asarray(self.having))
        return float(off.sum() / of.sum()) if of.sum() else None
