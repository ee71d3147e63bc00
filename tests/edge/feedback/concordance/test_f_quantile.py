"""The quantile of F is that of scipy."""

import math
import random

import pytest
from scipy.special import fdtri

from edge.feedback.concordance.f_quantile import f_quantile


def test_a_thousand_quantiles_are_those_of_scipy():
    chance = random.Random(1)
    for _ in range(1000):
        above, below = (math.exp(chance.uniform(0, 8)) for _ in range(2))
        share = chance.choice((0.025, 0.5, 0.9, 0.975, 0.999))
        assert f_quantile(above, below, share) == pytest.approx(fdtri(above, below, share), rel=1e-6)


def test_one_degree_of_freedom_and_a_table():
    assert f_quantile(1, 1, 0.975) == pytest.approx(647.789, rel=1e-5)
    assert f_quantile(4, 9, 0.95) == pytest.approx(3.633, abs=1e-3)
