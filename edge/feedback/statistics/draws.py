"""The bootstrap over patients in bounded memory and time: as `edge.inference.statistics.patient_draws`, but fewer draws of many cases."""

import numpy as np

from edge.feedback.statistics.tally import Codes
from edge.inference.statistics import DRAWS, SEED, Numbers, Statistic

CELLS = 4_000_000
"""Draws x cases for which all `DRAWS` are made; more cases have a narrower interval, and fewer draws find its ends as well."""
FEWEST = 200
AT_ONCE = 500_000
"""Draws x cases in memory at the same time: 4 MB an array."""


def patient_counts(patients: Codes) -> Numbers:
    """(draws, patients): how often each of the patients is drawn, in the order of their codes."""
    names = len(np.unique(patients))
    draws = max(FEWEST, min(DRAWS, CELLS // len(patients)))
    drawn = np.random.default_rng(SEED).integers(0, names, (draws, names), np.int32)
    drawn += names * np.arange(draws, dtype=np.int32)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * names).reshape(draws, names).astype(np.float64)


def by_patient(statistic: Statistic, patients: Codes) -> Statistic:
    """A statistic of weights of cases as one of weights of patients."""
    of = np.unique(patients, return_inverse=True)[1]
    rows = max(1, AT_ONCE // len(patients))

    def weighted(counts: Numbers) -> Numbers:
        return np.concatenate([statistic(counts[start : start + rows, of]) for start in range(0, len(counts), rows)])

    return weighted
