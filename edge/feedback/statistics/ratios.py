"""Likelihood ratios: how many times more often an answer is given with the finding than without it.

The interval is that of the logarithm (Simel, Samsa & Matchar, J Clin Epidemiol 1991;44:763), with cases of one patient as `Tally.worth`.
"""

import math

from edge.feedback.agreement import LEAST
from edge.feedback.statistics.confusion import Confusion
from edge.feedback.statistics.figure import NoFigure, Stated, Why, stated
from edge.feedback.statistics.tally import Tally
from edge.inference.statistics import NORMAL_QUANTILE, Estimate


def positive_ratio(of: Confusion) -> Stated:
    """Of the answer present: sensitivity / (1 - specificity)."""
    return _ratio(of, of.true_present, of.false_present)


def negative_ratio(of: Confusion) -> Stated:
    """Of the answer absent: (1 - sensitivity) / specificity."""
    return _ratio(of, of.false_absent, of.true_absent)


def _ratio(of: Confusion, hits_with: int, hits_without: int) -> Stated:
    """Of so many cases with the finding and without it that have the answer."""
    has, has_not = of.sensitivity, of.specificity
    if not has.of and not has_not.of:
        return NoFigure(Why.NO_CASES)
    rarer, other = sorted((has.patients, has_not.patients))
    if rarer < LEAST:
        return NoFigure(Why.FEW if rarer or other < LEAST else Why.ONE_CLASS)
    if not hits_with or not hits_without:
        return NoFigure(Why.ZERO_COUNT)
    ratio = hits_with / has.of / (hits_without / has_not.of)
    spread = math.exp(NORMAL_QUANTILE * math.sqrt(_variance(hits_with, has) + _variance(hits_without, has_not)))
    return stated(Estimate(ratio, ratio / spread, ratio * spread), has.of + has_not.of, rarer)


def _variance(hits: int, among: Tally) -> float:
    """Of the logarithm of a share."""
    share = hits / among.of
    return (1 - share) / (share * among.worth)
