"""Is a probability right? How well it ranks (AUC), how far it is off (Brier), and whether it is reliable (ECE, reliability diagram)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edge.feedback.agreement import LEAST
from edge.feedback.statistics import patient_sums
from edge.feedback.statistics.cases import Cases
from edge.feedback.statistics.draws import patient_counts
from edge.feedback.statistics.figure import NoFigure, Stated, Why, stated
from edge.feedback.statistics.tally import Tally
from edge.inference import statistics as of_weights
from edge.inference.reliability import bins
from edge.inference.statistics import Estimate, Flags, Numbers, Statistic, estimate, estimate_of_error, interval, value_of, wilson

Estimated = Callable[[Statistic, Numbers], Estimate]


@dataclass(frozen=True, slots=True)
class Point:
    """Of a reliability diagram: cases of similar probability, their mean probability, and the share of them with the finding."""

    probability: float
    share: Stated


def auc(cases: Cases) -> Stated:
    """The probability that a case with the finding has the higher probability; ties count half (Hanley & McNeil 1982).

    Where every draw has the same AUC, the patients of the rarer class count as trials, as for a share.
    """
    scored = _scored(cases)
    rarer, other = sorted(len(np.unique(scored.patients[scored.truth == label])) for label in (1, 0))
    if scored.truth.size and rarer < LEAST:
        return NoFigure(Why.FEW if rarer or other < LEAST else Why.ONE_CLASS)

    def estimated(statistic: Statistic, counts: Numbers) -> Estimate:
        value = value_of(of_weights.auc(scored.probability, scored.truth), len(scored.truth))
        low, high = interval(statistic(counts))
        return Estimate(value, min(low, value), max(high, value)) if low < high else wilson(round(value * rarer), rarer)

    return _over_patients(scored, lambda: patient_sums.auc(scored.probability, scored.truth, scored.patients), estimated)


def brier(cases: Cases) -> Stated:
    """The mean squared difference of probability and truth (Brier 1950); 0 is best."""
    scored = _scored(cases)
    return _over_patients(scored, lambda: patient_sums.mean_of((scored.probability - scored.truth) ** 2, scored.patients), estimate)


def ece(cases: Cases) -> Stated:
    """The expected calibration error, see `edge.inference.reliability.ece`; 0 is best."""
    scored = _scored(cases)

    def statistic() -> Statistic:
        return patient_sums.ece(scored.probability, scored.truth, bins(scored.probability), scored.patients)

    return _over_patients(scored, statistic, estimate_of_error)


def reliability(cases: Cases) -> tuple[Point, ...]:
    """The points of a reliability diagram, by probability; none without cases."""
    scored = _scored(cases)
    members: list[Flags] = [member == 1 for member in bins(scored.probability)] if scored.truth.size else []
    has = scored.truth == 1
    return tuple(Point(float(scored.probability[each].mean()), Tally.counted(has, each, scored.patients).share()) for each in members)


def _scored(cases: Cases) -> Cases:
    """The cases with a known truth and a probability."""
    return cases.at(~np.isnan(cases.truth) & ~np.isnan(cases.probability))


def _over_patients(cases: Cases, statistic: Callable[[], Statistic], estimated: Estimated) -> Stated:
    patients = len(np.unique(cases.patients))
    if not patients:
        return NoFigure(Why.UNKNOWN)
    if patients < LEAST:
        return NoFigure(Why.FEW)
    return stated(estimated(statistic(), patient_counts(cases.patients)), len(cases.truth), patients)
