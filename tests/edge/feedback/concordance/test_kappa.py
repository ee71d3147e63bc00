import numpy as np
import pytest

from edge.feedback.concordance.kappa import Weights, agreement, kappa, kappa_of
from edge.feedback.statistics.figure import Figure, NoFigure, Why
from edge.inference.statistics import value_of
from tests.edge.feedback.concordance.tables import ratings_of, values_of


def test_kappa_equals_scikit_learn_s_on_1000_tables():
    metrics = pytest.importorskip("sklearn.metrics", reason="needs scikit-learn of the extra [dev]")
    for seed in range(1000):
        values, weights = values_of(seed, cases=20 + seed % 30, scale=2 + seed % 4), list(Weights)[seed % 3]
        expected = metrics.cohen_kappa_score(
            *values.T.astype(int), labels=range(6), weights=None if weights is Weights.NONE else weights.value
        )
        assert value_of(kappa_of(values, weights), len(values)) == pytest.approx(expected)


def test_a_weighted_kappa_forgives_a_near_miss():
    near, far = np.array([[0, 0], [1, 1], [2, 2], [3, 2]] * 5), np.array([[0, 0], [1, 1], [2, 2], [3, 0]] * 5)
    one, other = (kappa(ratings_of(values.astype(float)), "a", "b", Weights.QUADRATIC).value for values in (near, far))
    assert (one, other) == pytest.approx((0.875, 0.1))
    plain = [kappa(ratings_of(values.astype(float)), "a", "b").value for values in (near, far)]
    assert plain[0] == pytest.approx(plain[1], abs=0.02)


def test_distances_are_those_of_the_values_and_not_of_their_places():
    values = np.array([[0, 0], [3, 3], [0, 3], [2, 2], [2, 3]] * 4, float)
    squares = np.array([0, 0, 9, 0, 1]).mean()
    one, other = values[:, 0], values[:, 1]
    chance = ((one[:, None] - other[None, :]) ** 2).mean()
    assert value_of(kappa_of(values, Weights.QUADRATIC), 20) == pytest.approx(1 - squares / chance)


def test_the_interval_holds_the_truth_about_as_often_as_stated():
    rng, held = np.random.default_rng(3), []
    truth = 0.8 * 0.8 + 0.2 * 0.2  # two readers who each err in 1 of 5; half the cases have the sign
    for _ in range(80):
        sign = rng.random(120) < 0.5
        values = (sign[:, None] ^ (rng.random((120, 2)) < 0.2)).astype(float)
        found = kappa(ratings_of(values, patients=np.arange(120)), "a", "b")
        held.append(found.low <= 2 * truth - 1 <= found.high)
    assert 0.88 <= np.mean(held) <= 0.99


def test_similar_cases_of_a_patient_widen_the_interval():
    values = np.repeat(values_of(4, cases=20, scale=2), 6, axis=0)
    alone, together = kappa(ratings_of(values), "a", "b"), kappa(ratings_of(values, patients=np.repeat(np.arange(20), 6)), "a", "b")
    assert alone.value == together.value
    assert together.high - together.low > 1.8 * (alone.high - alone.low)
    share = agreement(ratings_of(values, patients=np.repeat(np.arange(20), 6)), "a", "b")
    assert (share.value, share.patients) == ((values[:, 0] == values[:, 1]).mean(), 20)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([[0, 0]] * 9, Why.ALIKE),
        ([[0, 0], [1, 1]] * 9, Why.NEVER_DIFFER),
        ([[0, np.nan], [np.nan, 1]] * 9, Why.NO_CASES),
        ([[0, 0], [1, 0], [1, 1], [0, 0]], Why.FEW),
    ],
)
def test_no_kappa_is_a_sentence(values, why):
    assert kappa(ratings_of(np.array(values, float)), "a", "b") == NoFigure(why)


def test_readers_who_never_differ_still_have_a_share():
    found = agreement(ratings_of(np.array([[0, 0], [1, 1]] * 9, float)), "a", "b")
    assert isinstance(found, Figure)
    assert (found.value, found.high) == (1, 1)
    assert 0.8 < found.low < 1
