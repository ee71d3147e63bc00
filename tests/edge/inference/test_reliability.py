import numpy as np
import pytest

from edge.inference.reliability import bins, ece
from edge.inference.statistics import value_of


def test_bins_have_equal_mass_and_twenty_clips_or_more():
    assert bins(np.random.default_rng(0).random(285)).sum(axis=1).tolist() == [29] * 5 + [28] * 5
    assert bins(np.random.default_rng(0).random(95)).sum(axis=1).tolist() == [24, 24, 24, 23]
    assert len(bins(np.random.default_rng(0).random(7))) == 1


def test_the_error_is_the_mean_difference_of_bins():
    probability, labels = np.repeat([0.2, 0.8], 20), np.repeat([1.0, 0.0, 1.0, 0.0], [8, 12, 12, 8])
    assert value_of(ece(probability, labels, bins(probability)), 40) == pytest.approx(0.5 * 0.2 + 0.5 * 0.2)
