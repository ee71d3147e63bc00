"""Exact bounds of a share from a number of independent trials (Clopper & Pearson, Biometrika 1934;26:404)."""

import math

LEVEL = 0.95
HALVINGS = 60
"""Each halves the interval that holds a bound: more than the digits of a float."""


def lower(hits: int, of: int, level: float = LEVEL) -> float:
    """The smallest share with which so many hits, or more, are not rarer than 1 - level; the true share is above it with this level."""
    return 0.0 if hits == 0 else _share_where(hits, of, 1 - level)


def upper(hits: int, of: int, level: float = LEVEL) -> float:
    """The largest share with which so few hits, or fewer, are not rarer than 1 - level."""
    return 1 - lower(of - hits, of, level)


def interval(hits: int, of: int, level: float = LEVEL) -> tuple[float, float]:
    """Both bounds; the true share is between them with this level."""
    each = (1 + level) / 2
    return lower(hits, of, each), upper(hits, of, each)


def _share_where(hits: int, of: int, chance: float) -> float:
    """The share of which `hits` or more of the trials hit with this chance; the chance grows with the share."""
    ways = [math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1) for k in range(hits, of + 1)]
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        share = (low + high) / 2
        hit, missed = math.log(share), math.log1p(-share)
        tail = math.fsum(math.exp(way + k * hit + (of - k) * missed) for k, way in enumerate(ways, hits))
        low, high = (low, share) if tail > chance else (share, high)
    return low
