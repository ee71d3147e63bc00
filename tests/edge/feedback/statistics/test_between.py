"""The differences between sites, recomputed by hand and by another program's formula."""

import numpy as np
import pytest

from edge.feedback.statistics.between import between
from edge.feedback.statistics.figure import Figure
from edge.feedback.statistics.tally import Tally


def by_arrays(hits, of):
    """DerSimonian and Laird's random effects of independent trials, in arrays."""
    hits, misses = np.asarray(hits) + 0.5, np.asarray(of) - np.asarray(hits) + 0.5
    y, v = np.log(hits / misses), 1 / hits + 1 / misses
    w = 1 / v
    q = (w * (y - (w * y).sum() / w.sum()) ** 2).sum()
    df = len(y) - 1
    tau2 = max(0, (q - df) / (w.sum() - (w**2).sum() / w.sum()))
    w = 1 / (v + tau2)
    middle = (w * y).sum() / w.sum()
    ends = middle + np.array([0, -1, 1]) * 1.959964 / np.sqrt(w.sum())
    return max(0, (q - df) / q), 1 / (1 + np.exp(-ends))


@pytest.mark.parametrize("sites", [((90, 100), (50, 100), (70, 100)), ((18, 20), (30, 60)), ((40, 40), (20, 50), (5, 30), (77, 80))])
def test_sites_that_differ_have_the_figures_of_random_effects(sites):
    found = between([Tally.independent(*each) for each in sites])
    i_squared, (value, low, high) = by_arrays(*zip(*sites, strict=True))
    assert found.i_squared == pytest.approx(i_squared)
    assert (found.average.value, found.average.low, found.average.high) == pytest.approx((value, low, high))
    assert found.i_squared > 0.5
    assert (found.lowest, found.highest) == (min(hits / of for hits, of in sites), max(hits / of for hits, of in sites))


def test_sites_that_are_alike_have_no_differences_beyond_chance():
    found = between([Tally.independent(80, 100)] * 3)
    assert (found.i_squared, found.lowest, found.highest) == (0.0, 0.8, 0.8)
    assert found.average.value == pytest.approx(0.8, abs=0.01)
    assert found.average.patients == 300


def test_cases_of_few_patients_are_worth_less_than_as_many_patients():
    patients = np.repeat(np.arange(10), 10)
    hits = patients < 8  # each patient all or nothing
    clustered = Tally.counted(hits, np.ones(100, np.bool_), patients)
    apart = [between([each, Tally.independent(50, 100)]) for each in (Tally.independent(80, 100), clustered)]
    assert apart[0].i_squared > apart[1].i_squared


def test_one_site_with_enough_patients_is_not_compared():
    assert between([Tally.independent(80, 100)]) is None
    assert between([Tally.independent(80, 100), Tally.independent(2, 3)]) is None
    assert between([]) is None


def test_all_and_nothing_have_an_average_too():
    found = between([Tally.independent(20, 20), Tally.independent(0, 20)])
    assert isinstance(found.average, Figure)
    assert 0 < found.average.low < found.average.value < found.average.high < 1
