"""Figures with intervals over patients: clips of one patient are not independent, so the bootstrap draws whole patients.

A statistic is a function of weights: (draws, clips) in, (draws,) out, NaN without a value. So all draws are computed at once, and two
statistics of the same draws are paired. The networks are not trained again: the intervals cover the choice of patients only.
"""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Values = NDArray[np.floating]
Flags = NDArray[np.bool_]
Statistic = Callable[[Numbers], Numbers]

DRAWS = 2000
LEVEL = 0.95
NORMAL_QUANTILE = 1.959964
"""Two-sided quantiles of LEVEL."""
SEED = 20250301


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def patient_draws(patients: NDArray[np.str_], seed: int = SEED) -> Numbers:
    """(DRAWS, clips): how often each clip's patient is drawn; draws all patients with replacement (Field & Welsh 2007)."""
    names, of = np.unique(patients, return_inverse=True)
    counts = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS)
    return counts[:, of].astype(np.float64)


def value_of(statistic: Statistic, clips: int) -> float:
    """The statistic of all clips, each once; NaN without a value."""
    return float(statistic(np.ones((1, clips)))[0])


def estimate(statistic: Statistic, draws: Numbers) -> Estimate:
    """The statistic with its percentile interval (Efron & Tibshirani 1993, chapter 13); it must have a value."""
    return Estimate(value_of(statistic, draws.shape[1]), *interval(statistic(draws)))


def estimate_of_error(statistic: Statistic, draws: Numbers) -> Estimate:
    """An estimate for a statistic that chance increases, such as a calibration error.

    This bias moves the percentile interval up and the basic one down (Davison & Hinkley 1997, section 5.2 and 5.3); the result covers both.
    """
    value = value_of(statistic, draws.shape[1])
    low, high = interval(statistic(draws))
    return Estimate(value, max(0.0, min(low, 2 * value - high)), max(high, 2 * value - low))


def interval(drawn: Numbers) -> tuple[float, float]:
    """The interval of (draws,) values; skips draws without a value."""
    low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def band(drawn: Numbers) -> tuple[Numbers, Numbers]:
    """The interval of (draws, points), for each point."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a point without a value in any draw becomes NaN
        low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def wilson(hits: float, of: float) -> Estimate:
    """A share of at least one independent trial with its binomial interval (Wilson 1927; Brown, Cai & DasGupta 2001).

    Parts of a trial count as such: dependent cases are worth fewer independent ones.
    """
    share, z2 = hits / of, NORMAL_QUANTILE**2 / of
    middle = (share + z2 / 2) / (1 + z2)
    half = math.sqrt(share * (1 - share) * z2 + z2**2 / 4) / (1 + z2)
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def mean_of(values: Numbers, among: Flags | None = None) -> Statistic:
    """The mean of (clips,) values, or of the clips `among` only."""
    members = np.ones(len(values)) if among is None else among.astype(np.float64)
    return lambda weights: _ratio(weights @ (values * members), weights @ members)


def share_of(hits: Flags, among: Flags | None = None) -> Statistic:
    """The share of `hits` in the clips `among`."""
    return mean_of(hits.astype(np.float64), among)


def auc(scores: Values, labels: Values) -> Statistic:
    """The probability that a clip with the finding scores above a clip without; ties count half (Hanley & McNeil 1982)."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf) > 0)
    positive = labels[order] == 1

    def of(weights: Numbers) -> Numbers:
        sorted_weights = weights[:, order]
        with_finding = np.add.reduceat(sorted_weights * positive, starts, axis=1)
        without = np.add.reduceat(sorted_weights * ~positive, starts, axis=1)
        below = np.cumsum(without, axis=1) - without / 2
        return _ratio((with_finding * below).sum(axis=1), with_finding.sum(axis=1) * without.sum(axis=1))

    return of


def mean(*statistics: Statistic) -> Statistic:
    return lambda weights: np.asarray(np.mean([each(weights) for each in statistics], axis=0), np.float64)


def difference(one: Statistic, other: Statistic) -> Statistic:
    """`one` minus `other`, in the same draws."""
    return lambda weights: one(weights) - other(weights)


def _ratio(above: Numbers, below: Numbers) -> Numbers:
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0), np.float64)
