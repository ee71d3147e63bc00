"""Two readers: the share of cases in which they agree, and Cohen's kappa, which takes off what chance would bring."""

from enum import Enum

import numpy as np

from edge.feedback.concordance.ratings import Ratings
from edge.feedback.statistics.figure import Stated
from edge.feedback.statistics.tally import Tally
from edge.inference.statistics import Numbers, Statistic


class Weights(str, Enum):
    """How much a disagreement counts: all the same, by its distance on the scale, or by the square of the distance."""

    NONE = "none"
    LINEAR = "linear"
    QUADRATIC = "quadratic"


def agreement(ratings: Ratings, one: str, other: str) -> Stated:
    """The share of the cases that both readers rated in which they gave the same value."""
    pair = ratings.both(one, other)
    agree = np.equal(pair.values[:, 0], pair.values[:, 1])
    return Tally.counted(agree, np.ones(len(agree), np.bool_), pair.patients).share()


def kappa(ratings: Ratings, one: str, other: str, weights: Weights = Weights.NONE) -> Stated:
    """Cohen's kappa (Educ Psychol Meas 1960;20:37), or the weighted one (Psychol Bull 1968;70:213); 1 is full agreement, 0 is chance."""
    pair = ratings.both(one, other)
    return pair.obstacle() or pair.beyond_chance(kappa_of(pair.values, weights))


def kappa_of(values: Numbers, weights: Weights) -> Statistic:
    """Cohen's kappa of (cases, 2) values without a gap."""
    scale, codes = np.unique(values, return_inverse=True)
    codes, size = codes.reshape(values.shape), len(scale)
    differs = _differences(scale, weights)
    cell = np.zeros((len(values), size * size))
    cell[np.arange(len(values)), codes[:, 0] * size + codes[:, 1]] = 1

    def of(weighted: Numbers) -> Numbers:
        joint = (weighted @ cell / weighted.sum(axis=1, keepdims=True)).reshape(-1, size, size)
        observed = np.einsum("dij,ij->d", joint, differs)
        chance = np.einsum("di,dj,ij->d", joint.sum(axis=2), joint.sum(axis=1), differs)
        return one_minus_ratio(observed, chance)

    return of


def one_minus_ratio(observed: Numbers, chance: Numbers) -> Numbers:
    """1 - observed disagreement / that of chance; NaN in a draw where all ratings are the same."""
    return np.asarray(1 - np.divide(observed, chance, out=np.full(len(chance), np.nan), where=chance > 0), np.float64)


def _differences(scale: Numbers, weights: Weights) -> Numbers:
    """(values, values) how much each disagreement counts."""
    distance = np.abs(scale[:, None] - scale[None, :])
    counts = {Weights.NONE: (distance > 0).astype(np.float64), Weights.LINEAR: distance, Weights.QUADRATIC: distance**2}
    return counts[weights]
