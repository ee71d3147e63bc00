"""How far a few values are from many: the distances of two samples that the drift watch adds up."""

import numpy as np

from edge.inference.statistics import Numbers

BINS = 5
"""Of the PSI: an exam has about ten clips, which would leave most of the usual ten bins empty."""
PRIOR = 1.0
"""So many values spread like the reference are added to those of an exam, so that an empty bin has no infinite PSI."""
SEED = 20261130
TINY = 1e-12


def ks(values: Numbers, reference: Numbers) -> tuple[float, float]:
    """The one-sided Kolmogorov-Smirnov distances of (n,) values from a sorted reference: large where they are higher, and where lower.

    The larger of both is the usual distance.
    """
    ordered, many = np.sort(values), len(reference)
    steps = np.arange(len(ordered) + 1) / len(ordered)
    higher = np.max(np.searchsorted(reference, ordered, "left") / many - steps[:-1])
    lower = np.max(steps[1:] - np.searchsorted(reference, ordered, "right") / many)
    return float(max(0, higher)), float(max(0, lower))


def edges(reference: Numbers) -> Numbers:
    """The inner edges of `BINS` bins with equal shares of a reference; fewer bins where many of its values are the same."""
    return np.unique(np.quantile(reference, np.linspace(0, 1, BINS + 1)[1:-1]))


def shares(values: Numbers, at: Numbers) -> Numbers:
    """The share of values in each bin between these edges."""
    return np.bincount(np.searchsorted(at, values, "left"), minlength=len(at) + 1) / len(values)


def psi(values: Numbers, reference: Numbers, at: Numbers) -> float:
    """The population stability index of values against the `shares` of a reference between the same edges; below 0.1 is stable by custom.

    It is the symmetric Kullback-Leibler divergence (Jeffreys 1946).
    """
    some = reference > 0
    expected = reference[some]
    found = (shares(values, at)[some] * len(values) + PRIOR * expected) / (len(values) + PRIOR)
    return float(((found - expected) * np.log(found / expected)).sum())


class Kernel:
    """The mean of a Gaussian kernel's random features (Rahimi & Recht, NIPS 2007): the squared distance of two means is the squared MMD.

    The width of the kernel is the median distance of the reference's features (Gretton et al., J Mach Learn Res 2012;13:723).
    """

    WAVES, MOST_ROWS, LEAST_SPREAD = 64, 500, 0.01
    """Of the features of clips, in parts of the largest spread: one that is always the same in the reference has no spread of its own."""

    def __init__(self, features: Numbers) -> None:
        """From (clips, features) of the reference."""
        rng = np.random.default_rng(SEED)
        spread = features.std(axis=0)
        self._centre, self._spread = features.mean(axis=0), np.maximum(spread, max(spread.max() * self.LEAST_SPREAD, TINY))
        some = rng.permutation(self._placed(features))[: self.MOST_ROWS]
        squares = (some**2).sum(axis=1)
        apart = squares[:, None] + squares[None, :] - 2 * some @ some.T
        width = np.sqrt(max(np.median(apart[np.triu_indices(len(some), 1)]) / 2, TINY))
        self._waves = rng.normal(size=(features.shape[1], self.WAVES)) / width

    def mean(self, features: Numbers) -> Numbers:
        """(clips, features) to (2 x WAVES,)."""
        phases = self._placed(features) @ self._waves
        return np.asarray(np.concatenate([np.cos(phases).mean(axis=0), np.sin(phases).mean(axis=0)]) / np.sqrt(self.WAVES), np.float64)

    def _placed(self, features: Numbers) -> Numbers:
        return np.asarray((features - self._centre) / self._spread, np.float64)
