"""Prediction sets: which of present and absent a clip's probability does not rule out. At most a share alpha of each class is wrong.

Split conformal prediction, class by class (Mondrian: Vovk, ACML 2012; Sadinle et al., JASA 2019; Angelopoulos & Bates 2023, section 4.1).
The nonconformity of a clip is 1 - p for "present" and p for "absent". The guarantee holds for clips that are exchangeable with the
clips of the fit. Clips of one patient are similar, so the evaluation uses left-out patients.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]
Flags = NDArray[np.bool_]
Strings = NDArray[np.str_]

SLACK = 1e-9
"""Compensates for rounding, such as 10 x 0.1 slightly below 1."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """`present` is in the set if the probability is at least `present_from`, `absent` if it is at most `absent_to`."""

    present_from: float
    absent_to: float

    def set_of(self, probabilities: Values) -> tuple[Flags, Flags]:
        """For (clips,) probabilities: is `present` in the set, is `absent`? If neither is, the answer is "can't tell"."""
        return probabilities >= self.present_from, probabilities <= self.absent_to


FEWEST_SOURCES = 2
"""From one source alone nobody can tell what another machine does to the probabilities."""


def fit_across(probabilities: Values, labels: Values, sources: Strings, alpha: float) -> Thresholds | None:
    """Fits (clips,) probabilities of sources that their network never saw; skips unknown labels (NaN).

    The clips of each class are pooled. Then the limits are widened until each source with enough clips keeps the promise alone, because
    the next machine is like another source, not like another clip (Dunn, Wasserman & Ramdas, JASA 2023). None if a class has too few
    clips, or fewer sources than FEWEST_SOURCES: then these data carry no prediction sets for other machines.
    """
    needed = math.ceil(1 / alpha - 1 - SLACK)
    for label in (0, 1):
        of_class = sources[labels == label]
        if len(of_class) < needed or len(np.unique(of_class)) < FEWEST_SOURCES:
            return None
    fits = [fit(probabilities, labels, alpha)]
    for source in np.unique(sources):
        own = sources == source
        fits += [_where_enough(probabilities[own], labels[own], alpha, needed)]
    return Thresholds(min(each.present_from for each in fits), max(each.absent_to for each in fits))


def _where_enough(probabilities: Values, labels: Values, alpha: float, needed: int) -> Thresholds:
    """The thresholds of one source; a class with too few clips of it does not widen them."""
    own = fit(probabilities, labels, alpha)
    return Thresholds(
        own.present_from if (labels == 1).sum() >= needed else 1.0,
        own.absent_to if (labels == 0).sum() >= needed else 0.0,
    )


def fit(probabilities: Values, labels: Values, alpha: float) -> Thresholds:
    """Fits (clips,) probabilities and labels; skips unknown labels (NaN).

    A class with fewer than 1 / alpha - 1 clips is in every set: no guarantee is possible with fewer clips.
    """
    positive, negative = (probabilities[labels == label].astype(np.float64) for label in (1, 0))
    return Thresholds(max(0.0, -_quantile(-positive, alpha)), min(1.0, _quantile(negative, alpha)))


def _quantile(strangeness: Values, alpha: float) -> float:
    """The ceil((n + 1)(1 - alpha))-th smallest value; infinite if there are fewer values."""
    rank = len(strangeness) + 1 - math.floor((len(strangeness) + 1) * alpha + SLACK)
    return float(np.sort(strangeness)[rank - 1]) if rank <= len(strangeness) else math.inf
