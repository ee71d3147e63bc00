import numpy as np
import pytest

from edge.feedback.concordance.icc import icc_agreement, icc_consistency
from edge.feedback.statistics.figure import NoFigure, Why
from tests.edge.feedback.concordance.tables import ratings_of

pytest.importorskip("scipy.special")

SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
"""Shrout & Fleiss, Psychol Bull 1979;86:420, table 2: ICC(2,1) is 0.29 and ICC(3,1) 0.71 (table 4)."""


def numbers(seed, cases, readers, noise=0.6, bias=0.5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(cases, 1)) + bias * rng.normal(size=(1, readers)) + noise * rng.normal(size=(cases, readers))


def test_the_published_table():
    found, consistent = icc_agreement(ratings_of(SHROUT_FLEISS)), icc_consistency(ratings_of(SHROUT_FLEISS))
    assert (found.value, consistent.value) == pytest.approx((0.29, 0.71), abs=0.005)
    assert (found.low, found.high) == pytest.approx((0.02, 0.76), abs=0.005)
    assert (consistent.low, consistent.high) == pytest.approx((0.34, 0.95), abs=0.005)
    assert (found.cases, found.patients) == (6, 6)


def test_a_constant_difference_of_a_reader_counts_for_agreement_only():
    values = numbers(1, 40, 2, bias=0)
    moved = values + np.array([0, 2])
    assert icc_consistency(ratings_of(moved)).value == pytest.approx(icc_consistency(ratings_of(values)).value)
    assert icc_agreement(ratings_of(moved)).value < icc_agreement(ratings_of(values)).low


def test_the_interval_holds_the_truth_about_as_often_as_stated(record_property):
    truth = 1 / (1 + 0.6**2)
    found = [icc_consistency(ratings_of(numbers(seed, 20, 3))) for seed in range(300)]
    held = np.mean([each.low <= truth <= each.high for each in found])
    record_property("share of 95 % intervals of ICC(3,1) that hold the truth", round(float(held), 3))
    assert 0.92 <= held <= 0.98


@pytest.mark.parametrize("statistic", [icc_agreement, icc_consistency])
def test_what_gives_no_number_is_a_sentence(statistic):
    values = numbers(2, 9, 2)
    assert statistic(ratings_of(np.ones((9, 2)))) == NoFigure(Why.ALIKE)
    assert statistic(ratings_of(np.repeat(values[:, :1], 2, axis=1))) == NoFigure(Why.NEVER_DIFFER)
    assert statistic(ratings_of(values[:4])) == NoFigure(Why.FEW)
    assert statistic(ratings_of(values[:, :1])) == NoFigure(Why.GAPS)
    assert statistic(ratings_of(values, patients=[0, *range(8)])) == NoFigure(Why.SEVERAL)
    values[3, 1] = np.nan
    assert statistic(ratings_of(values)) == NoFigure(Why.GAPS)
