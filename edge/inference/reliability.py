"""Is a probability reliable? Clips of similar probability make a bin; in a reliable bin, the share with the finding is that probability."""

import numpy as np

from edge.inference.statistics import Numbers, Statistic, Values

MOST_BINS, CLIPS_A_BIN = 10, 20
"""Bins of equal mass: the largest number of bins, and the smallest number of clips in each."""


def bins(probability: Numbers) -> Numbers:
    """(bins, clips) membership: equal numbers of clips, in order of probability."""
    count = max(1, min(MOST_BINS, len(probability) // CLIPS_A_BIN))
    members = np.zeros((count, len(probability)))
    for number, rows in enumerate(np.array_split(np.argsort(probability, kind="stable"), count)):
        members[number, rows] = 1
    return members


def ece(probability: Numbers, labels: Values, members: Numbers) -> Statistic:
    """The mean over clips of |bin probability - bin share| (Naeini et al., AAAI 2015; equal mass: Nixon et al. 2019)."""
    too_high = members * (probability - labels)
    return lambda weights: np.asarray(np.abs(weights @ too_high.T).sum(axis=1) / weights.sum(axis=1), np.float64)
