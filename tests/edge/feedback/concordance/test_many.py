import numpy as np
import pytest

from edge.feedback.concordance.kappa import Weights, kappa_of
from edge.feedback.concordance.many import Level, alpha, alpha_of, fleiss, fleiss_of
from edge.feedback.concordance.ratings import Ratings
from edge.feedback.statistics.figure import NoFigure, Why
from edge.inference.statistics import value_of
from tests.edge.feedback.concordance.tables import ratings_of, values_of

KRIPPENDORFF = """
    * * * * * 3 4 1 2 1 1 3 3 * 3
    1 * 2 1 3 3 4 3 * * * * * * *
    * * 2 1 3 4 4 * 2 1 1 3 3 * 4
"""
"""Rows are readers: the example in the encyclopedia's article on the alpha, with alphas of 0.691 (nominal) and 0.811 (interval)."""


def test_alpha_of_the_known_example():
    rows = [[np.nan if cell == "*" else float(cell) for cell in line.split()] for line in KRIPPENDORFF.strip().splitlines()]
    ratings = ratings_of(np.array(rows).T).paired()
    places = ratings.places()
    assert value_of(alpha_of(*places, Level.NOMINAL), len(ratings.values)) == pytest.approx(0.691, abs=5e-4)
    assert value_of(alpha_of(*places, Level.INTERVAL), len(ratings.values)) == pytest.approx(0.811, abs=5e-4)


def by_pairs(values, level):
    """Alpha from its definition, a pair at a time."""
    units = [row[~np.isnan(row)] for row in values]
    units = [unit for unit in units if len(unit) > 1]
    every = np.concatenate(units)
    count = {value: int((every == value).sum()) for value in np.unique(every)}

    def apart(one, other):
        if level is Level.NOMINAL:
            return float(one != other)
        if level is Level.INTERVAL:
            return (one - other) ** 2
        low, high = sorted((one, other))
        return (sum(times for value, times in count.items() if low <= value <= high) - (count[low] + count[high]) / 2) ** 2

    observed = sum(apart(a, b) / (len(unit) - 1) for unit in units for i, a in enumerate(unit) for j, b in enumerate(unit) if i != j)
    chance = sum(apart(a, b) * na * nb for a, na in count.items() for b, nb in count.items())
    return 1 - observed / len(every) / (chance / (len(every) * (len(every) - 1)))


def test_alpha_equals_its_definition_on_1000_tables():
    for seed in range(1000):
        values = values_of(seed, cases=8, readers=2 + seed % 3, scale=2 + seed % 3, missing=0.25)
        ratings, level = ratings_of(values).paired(), list(Level)[seed // 3 % 3]
        if ratings.obstacle() is None:
            found = value_of(alpha_of(*ratings.places(), level), len(ratings.values))
            assert found == pytest.approx(by_pairs(values, level))


def test_with_two_readers_and_the_same_marginals_fleiss_is_cohen_s():
    values = values_of(5, cases=40, scale=3)
    both = np.concatenate([values, values[:, ::-1]])
    given = ratings_of(both).places()[1]
    assert value_of(fleiss_of(given), 80) == pytest.approx(value_of(kappa_of(both, Weights.NONE), 80))


def test_fleiss_takes_any_readers_but_the_same_number_of_them():
    values = np.full((30, 4), np.nan)
    values[:, :3] = values_of(6, readers=3)
    rolled = np.array([np.roll(row, number % 4) for number, row in enumerate(values)])
    one, other = (fleiss(ratings_of(each)) for each in (values, rolled))
    assert one == other
    assert 0 < one.low < one.value < one.high < 1
    values[3, 0] = np.nan
    assert fleiss(ratings_of(values)) == NoFigure(Why.GAPS)
    assert 0 < alpha(ratings_of(values)).value < 1
    alone = np.full((30, 2), np.nan)
    alone[:, 0] = values[:, 1]
    assert fleiss(ratings_of(alone)) == alpha(ratings_of(alone)) == NoFigure(Why.NO_CASES)


def test_an_ordinal_alpha_forgives_a_near_miss():
    near, far = np.array([[0, 0], [1, 1], [2, 2], [3, 2]] * 5, float), np.array([[0, 0], [1, 1], [2, 2], [3, 0]] * 5, float)
    one, other = (alpha(ratings_of(values), Level.ORDINAL).value for values in (near, far))
    assert one == pytest.approx(0.9)
    assert other < 0.5


@pytest.mark.parametrize("statistic", [fleiss, alpha])
@pytest.mark.parametrize(
    ("values", "why"),
    [([[2, 2]] * 9, Why.ALIKE), ([[0, 0], [1, 1]] * 9, Why.NEVER_DIFFER), ([[0, 1], [1, 1], [0, 0]], Why.FEW)],
)
def test_what_gives_no_number_is_a_sentence(statistic, values, why):
    assert statistic(ratings_of(np.array(values, float))) == NoFigure(why)


def test_the_readers_of_a_table_do_not_change_with_its_cases():
    found = ratings_of(values_of(7, readers=3, missing=0.4))
    assert isinstance(found, Ratings)
    assert found.paired().readers == found.readers
