"""The quantile of Fisher's F distribution. It is ours, because scipy would take 140 MB of every board for this one function."""

import math
from collections.abc import Iterator

FRACTIONS = 400
"""Terms of the continued fraction; some 60 are needed where both degrees of freedom are a thousand."""
TINY, PRECISE = 1e-300, 1e-15


def f_quantile(above: float, below: float, share: float) -> float:
    """The value under which `share` (0 to 1, exclusive) of F lies, with so many degrees of freedom above and below, each more than 0."""
    a, b = above / 2, below / 2
    low, high = 0.0, 1.0
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if _beta(middle, a, b) < share else (low, middle)
    return below * middle / (above * (1 - middle)) if middle < 1 else math.inf


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function (Abramowitz & Stegun 26.5.8), on the side where the fraction converges fast."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    if x == 0:
        return 0.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    return front * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction by Lentz's method (Appl Opt 1976;15:668)."""
    above, below, value = 1.0, 0.0, 1.0
    for term in _terms(x, a, b):
        below = 1 / _not_zero(1 + term * below)
        above = _not_zero(1 + term / above)
        value *= above * below
        if abs(above * below - 1) < PRECISE:
            break
    return value - 1


def _terms(x: float, a: float, b: float) -> Iterator[float]:
    yield 1.0
    for m in range(FRACTIONS // 2):
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        n = m + 1
        yield n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n))


def _not_zero(number: float) -> float:
    return number if abs(number) > TINY else TINY
