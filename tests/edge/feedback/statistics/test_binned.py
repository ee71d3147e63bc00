"""Counts in bins add up, and give nearly the AUC and the calibration error of the cases."""

import numpy as np
import pytest

from edge.feedback.statistics.binned import BINS, Binned
from edge.feedback.statistics.cases import Cases
from edge.feedback.statistics.scored import auc


def cases(count=400, seed=1):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, count).astype(np.float64)
    probability = 1 / (1 + np.exp(-(2 * truth - 1 + rng.normal(0, 1.5, count))))
    return Cases(np.arange(count), truth, np.full(count, np.nan), probability)


def test_the_sum_of_parts_is_that_of_the_whole():
    whole = cases()
    first = np.arange(400) < 150
    summed = Binned.of(whole.at(first)) + Binned.of(whole.at(~first))
    one = Binned.of(whole)
    assert (summed.having, summed.lacking) == (one.having, one.lacking)
    assert summed.probability == pytest.approx(one.probability)
    assert sum(one.having) + sum(one.lacking) == 400


def test_the_auc_is_nearly_that_of_the_cases():
    whole = cases(2000)
    assert Binned.of(whole).auc == pytest.approx(auc(whole).value, abs=0.01)


def test_a_calibrated_probability_has_a_small_error_and_a_wrong_one_a_large_one():
    rng = np.random.default_rng(2)
    probability = rng.uniform(size=5000)
    truth = (rng.uniform(size=5000) < probability).astype(np.float64)
    none = np.full(5000, np.nan)
    right, wrong = (Binned.of(Cases(np.arange(5000), truth, none, each)).ece for each in (probability, 1 - probability))
    assert right < 0.05
    assert wrong > 0.4


def test_unknown_cases_and_certain_ones_have_their_place():
    nan = np.nan
    found = Binned.of(Cases(np.arange(4), np.array([1, 0, nan, 1]), np.full(4, nan), np.array([1.0, 0.0, 0.5, nan])))
    assert (found.having[BINS - 1], found.lacking[0]) == (1, 1)
    assert (sum(found.having), sum(found.lacking)) == (1, 1)
    assert found.auc == 1.0
    assert found.ece == 0.0


def test_nothing_has_no_figure():
    assert (Binned().auc, Binned().ece) == (None, None)
