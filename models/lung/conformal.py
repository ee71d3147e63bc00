"""Prediction sets: which of present and absent a clip's probability does not rule out, wrong for at most a share alpha of either class.

Split conformal prediction, class by class (Mondrian: Vovk, ACML 2012; Sadinle et al., JASA 2019; Angelopoulos & Bates 2023, section 4.1).
How strange a clip would be as one with the finding is 1 - p, as one without p. The guarantee holds for clips that are exchangeable with
those fitted on; clips of one patient resemble each other, so it is judged on patients left out.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]
Flags = NDArray[np.bool_]

SLACK = 1e-9
"""Against 10 x 0.1 being a little less than 1."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """`present` is in the set from probability `present_from` up, `absent` from `absent_to` down."""

    present_from: float
    absent_to: float

    def set_of(self, probabilities: Values) -> tuple[Flags, Flags]:
        """Of (clips,) probabilities: is `present` in the set, is `absent`? Where neither is, a reader is told that one can't tell."""
        return probabilities >= self.present_from, probabilities <= self.absent_to


def fit(probabilities: Values, labels: Values, alpha: float) -> Thresholds:
    """Of (clips,) probabilities and labels, NaN where not known, which are passed over.

    A class with fewer than 1 / alpha - 1 clips is in every set: nothing can be promised with less.
    """
    positive, negative = (probabilities[labels == label].astype(np.float64) for label in (1, 0))
    return Thresholds(max(0.0, -_quantile(-positive, alpha)), min(1.0, _quantile(negative, alpha)))


def _quantile(strangeness: Values, alpha: float) -> float:
    """The ceil((n + 1)(1 - alpha))-th smallest, infinite where there are not so many."""
    rank = len(strangeness) + 1 - math.floor((len(strangeness) + 1) * alpha + SLACK)
    return float(np.sort(strangeness)[rank - 1]) if rank <= len(strangeness) else math.inf
