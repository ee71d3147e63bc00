"""One share at several sites: whether it differs by more than chance, and what it is at an average site.

All on the scale of the logit, each site with the number of independent trials that it is worth (`Tally.worth`). I² is the part of the
differences that chance does not explain (Higgins & Thompson, Stat Med 2002;21:1539); the average is that of random effects (DerSimonian &
Laird, Control Clin Trials 1986;7:177). Half a trial is added to hits and misses, so that a share of 0 or 1 has a logit (Haldane 1956).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.feedback.statistics.figure import Figure, Stated, stated
from edge.feedback.statistics.tally import Tally
from edge.inference.statistics import NORMAL_QUANTILE, Estimate

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Between:
    """The `lowest` and the `highest` share of a site, `i_squared` from 0 to 1, and the share at an `average` site."""

    lowest: float
    highest: float
    i_squared: float
    average: Stated


def between(sites: Sequence[Tally]) -> Between | None:
    """Of the sites whose share can be shown; None with fewer than two."""
    shown = [each for each in sites if isinstance(each.share(), Figure)]
    if len(shown) < 2:
        return None
    shares = [each.hits / each.of for each in shown]
    logits, variances = zip(*(_logit(each) for each in shown), strict=True)
    q = _spread(logits, [1 / each for each in variances])
    chance = len(shown) - 1
    excess = max(0.0, q - chance)
    among = _among(excess, [1 / each for each in variances])
    weights = [1 / (each + among) for each in variances]
    middle, half = _mean(logits, weights), NORMAL_QUANTILE / math.sqrt(sum(weights))
    average = Estimate(*(_share(each) for each in (middle, middle - half, middle + half)))
    cases, patients = (sum(getattr(each, name) for each in shown) for name in ("of", "patients"))
    return Between(min(shares), max(shares), excess / q if q > 0 else 0.0, stated(average, cases, patients))


def _logit(of: Tally) -> tuple[float, float]:
    """The logit of a share and its variance."""
    hits = of.hits / of.of * of.worth + HALF
    misses = of.worth + 2 * HALF - hits
    return math.log(hits / misses), 1 / hits + 1 / misses


def _spread(values: Sequence[float], weights: Sequence[float]) -> float:
    """Cochran's Q."""
    middle = _mean(values, weights)
    return sum(weight * (value - middle) ** 2 for value, weight in zip(values, weights, strict=True))


def _among(excess: float, weights: Sequence[float]) -> float:
    """The variance among sites, by the method of moments."""
    return excess / (sum(weights) - sum(each**2 for each in weights) / sum(weights))


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)


def _share(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
