import numpy as np
import pytest

from edge.feedback.concordance.ratings import Rating, Ratings
from edge.feedback.statistics.errors import CasesRefused
from edge.feedback.statistics.figure import NoFigure, Why
from tests.edge.feedback.concordance.tables import ratings_of, values_of


def test_a_table_is_filled_in_any_order_and_gaps_stay_gaps():
    given = [Rating("x", "p", "b", 2), Rating("y", "q", "a", 0), Rating("x", "p", "a", 1)]
    found = Ratings.of(given)
    assert found.readers == ("a", "b")
    np.testing.assert_array_equal(found.values, [[1, 2], [0, np.nan]])
    np.testing.assert_array_equal(Ratings.of(reversed(given)).values, found.values)


def test_a_pair_has_the_cases_of_both():
    found = ratings_of(np.array([[1, 2, np.nan], [0, np.nan, 1], [3, 3, 3]]), patients=[5, 5, 6])
    pair = found.both("c", "a")
    np.testing.assert_array_equal(pair.values, [[1, 0], [3, 3]])
    assert len(set(pair.patients.tolist())) == 2
    assert len(found.paired().values) == 3


def test_nothing_and_a_reader_twice_at_one_case_are_sentences():
    assert Ratings.of([]) == NoFigure(Why.NO_CASES)
    assert Ratings.of([Rating("x", "p", "a", 1), Rating("x", "p", "a", 1), Rating("x", "p", "b", 1)]) == NoFigure(Why.TWICE, 1)


def test_what_cannot_be_a_rating_is_refused():
    with pytest.raises(CasesRefused, match="not a number"):
        Ratings.of([Rating("x", "p", "a", np.nan)])
    with pytest.raises(CasesRefused, match="two patients"):
        Ratings.of([Rating("x", "p", "a", 1), Rating("x", "q", "b", 1)])


def test_a_scale_of_what_occurs():
    scale, given = ratings_of(values_of(1, readers=3, missing=0.3)).places()
    assert scale.tolist() == [0, 1, 2, 3]
    assert given.sum(axis=1).max() == 3
