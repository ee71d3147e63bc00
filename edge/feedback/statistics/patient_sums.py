"""Statistics of probabilities as functions of weights of patients, from sums over the cases of each: a draw costs what patients cost.

The results are those of the functions of the same names in `edge.inference`, which take weights of cases.
"""

import numpy as np

from edge.feedback.statistics.tally import Codes
from edge.inference.statistics import Numbers, Statistic

LEVELS = 256
"""Of probability, with equal numbers of cases, for the draws of an AUC: with more values than that, cases of one level count as ties."""
CELLS = 1_000_000
"""Patients x levels at most: 8 MB an array."""


def mean_of(values: Numbers, patients: Codes) -> Statistic:
    """The mean of (cases,) values."""
    sums, cases = _sums(values[:, None], patients), _sums(np.ones((len(values), 1)), patients)
    return lambda counts: np.asarray((counts @ sums)[:, 0] / (counts @ cases)[:, 0], np.float64)


def ece(probability: Numbers, truth: Numbers, members: Numbers, patients: Codes) -> Statistic:
    """The calibration error over (bins, cases) members, see `edge.inference.reliability.ece`."""
    too_high = _sums((members * (probability - truth)).T, patients)
    cases = _sums(np.ones((len(truth), 1)), patients)
    return lambda counts: np.asarray(np.abs(counts @ too_high).sum(axis=1) / (counts @ cases)[:, 0], np.float64)


def auc(probability: Numbers, truth: Numbers, patients: Codes) -> Statistic:
    """The AUC, see `edge.inference.statistics.auc`; NaN for a draw with one class only."""
    of, level = np.unique(patients, return_inverse=True)[1], _levels(probability, patients)
    shape = (int(of.max()) + 1, int(level.max()) + 1)
    having, lacking = (_histogram(of[truth == label], level[truth == label], shape) for label in (1, 0))

    def of_counts(counts: Numbers) -> Numbers:
        with_finding, without = counts @ having, counts @ lacking
        below = np.cumsum(without, axis=1) - without / 2
        pairs = with_finding.sum(axis=1) * without.sum(axis=1)
        found = (with_finding * below).sum(axis=1)
        return np.asarray(np.divide(found, pairs, out=np.full(len(counts), np.nan), where=pairs > 0), np.float64)

    return of_counts


def _sums(values: Numbers, patients: Codes) -> Numbers:
    """(cases, columns) to (patients, columns), in the order of their codes."""
    of = np.unique(patients, return_inverse=True)[1]
    return np.stack([np.bincount(of, column) for column in values.T], axis=1)


def _levels(probability: Numbers, patients: Codes) -> Codes:
    """(cases,) the level of each: its rank among the values, or among `LEVELS` of equal mass where there are more."""
    values, level = np.unique(probability, return_inverse=True)
    most = min(LEVELS, max(1, CELLS // len(np.unique(patients))))
    if len(values) <= most:
        return np.asarray(level, np.intp)
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, most + 1)[1:-1]))
    return np.searchsorted(edges, probability, "right")


def _histogram(of: Codes, level: Codes, shape: tuple[int, int]) -> Numbers:
    """The cases of each patient on each level."""
    return np.bincount(of * shape[1] + level, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
