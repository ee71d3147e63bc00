"""The intraclass correlation of readers who give numbers: how much of the variance is that of the cases."""

from dataclasses import dataclass

import numpy as np

from edge.feedback.concordance.f_quantile import f_quantile
from edge.feedback.concordance.ratings import Ratings
from edge.feedback.statistics.figure import NoFigure, Stated, Why, stated
from edge.inference.statistics import LEVEL, Estimate, Numbers


@dataclass(frozen=True, slots=True)
class _Squares:
    """Mean squares of `cases` x `readers` ratings: between cases, between readers, and what is left."""

    cases: int
    readers: int
    of_cases: float
    of_readers: float
    left: float


def icc_agreement(ratings: Ratings) -> Stated:
    """ICC(2,1): single ratings of readers who stand for all readers, whose constant differences count (Shrout & Fleiss 1979).

    The interval is that of McGraw & Wong (Psychol Methods 1996;1:30), which takes cases for independent.
    """
    squares = _squares(ratings)
    return squares if isinstance(squares, NoFigure) else _stated(ratings, _agreement(squares))


def icc_consistency(ratings: Ratings) -> Stated:
    """ICC(3,1): single ratings of these very readers, whose constant differences do not count (Shrout & Fleiss 1979)."""
    squares = _squares(ratings)
    return squares if isinstance(squares, NoFigure) else _stated(ratings, _consistency(squares))


def _stated(ratings: Ratings, found: Estimate) -> Stated:
    return stated(found, len(ratings.values), len(ratings.values))


def _squares(ratings: Ratings) -> _Squares | NoFigure:
    values = ratings.values
    if (found := ratings.obstacle()) is not None:
        return found
    if np.isnan(values).any() or values.shape[1] < 2:
        return NoFigure(Why.GAPS)
    cases, readers = values.shape
    if ratings.people < cases:
        return NoFigure(Why.SEVERAL)
    of_cases, of_readers = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
    left = values - of_cases - of_readers + values.mean()
    if np.allclose(left, 0):
        return NoFigure(Why.NEVER_DIFFER)
    return _Squares(
        cases,
        readers,
        readers * _sum_of_squares(of_cases) / (cases - 1),
        cases * _sum_of_squares(of_readers) / (readers - 1),
        float((left**2).sum()) / ((cases - 1) * (readers - 1)),
    )


def _sum_of_squares(means: Numbers) -> float:
    return float(((means - means.mean()) ** 2).sum())


def _consistency(of: _Squares) -> Estimate:
    ratio, own, others = of.of_cases / of.left, of.cases - 1, (of.cases - 1) * (of.readers - 1)
    return Estimate(*((each - 1) / (each + of.readers - 1) for each in (ratio, ratio / _f(own, others), ratio * _f(others, own))))


def _agreement(of: _Squares) -> Estimate:
    n, k, rows, columns, left = of.cases, of.readers, of.of_cases, of.of_readers, of.left
    value = (rows - left) / (rows + (k - 1) * left + k * (columns - left) / n)
    by_readers, by_cases = k * value * columns / left, n * (1 + (k - 1) * value) - k * value
    freedom = (k - 1) * (n - 1) * (by_readers + by_cases) ** 2 / ((n - 1) * by_readers**2 + by_cases**2)
    upper, lower, spread = _f(n - 1, freedom), _f(freedom, n - 1), k * columns + (k * n - k - n) * left
    low = n * (rows - upper * left) / (upper * spread + n * rows)
    high = n * (lower * rows - left) / (spread + n * lower * rows)
    return Estimate(value, low, high)


def _f(above: float, below: float) -> float:
    """The upper quantile of F with these degrees of freedom."""
    return f_quantile(above, below, (1 + LEVEL) / 2)
