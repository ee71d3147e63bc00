import numpy as np
import pytest

from edge.feedback.charts.cusum import highest
from edge.feedback.charts.limits import limit_for_chance, limit_for_run_length, run_length


def normal(rng, shape):
    """The textbook's chart: a normal value less an allowance of half a spread."""
    return rng.normal(size=shape) - 0.5


def steps(rng, shape):
    """Up by 3 in one of ten exams, else down by 1."""
    return np.where(rng.random(shape) < 0.1, 3.0, -1.0)


def exact_run_length(limit):
    """Of `steps`, by the Markov chain of its scores 0 .. limit - 1 (Brook & Evans, Biometrika 1972;59:539)."""
    moves = np.zeros((limit, limit))
    for score in range(limit):
        moves[score, max(0, score - 1)] += 0.9
        if score + 3 < limit:
            moves[score, score + 3] += 0.1
    return np.linalg.solve(np.eye(limit) - moves, np.ones(limit))[0]


def test_run_lengths_equal_those_of_the_markov_chain(record_property):
    for limit in (3, 4, 6, 8):
        exact = exact_run_length(limit)
        tops = highest(steps(np.random.default_rng(1), (2 * round(exact), 1000)))
        found = run_length(tops, limit)
        record_property(f"run length to {limit}, exactly {exact:.1f}", round(found, 1))
        assert found == pytest.approx(exact, rel=0.1)


@pytest.mark.parametrize(("limit", "published"), [(4, 335), (5, 931)])
def test_run_lengths_equal_the_published_ones(limit, published):
    """Of one-sided charts with half a spread as allowance: Montgomery, Statistical Quality Control (two-sided 168 and 465)."""
    tops = highest(normal(np.random.default_rng(2), (2 * published, 1000)))
    assert run_length(tops, limit) == pytest.approx(published, rel=0.1)


def test_a_limit_keeps_false_alarms_as_far_apart_as_stated():
    limit = limit_for_run_length(normal, 335)
    assert limit == pytest.approx(4, abs=0.15)
    between = round((exact_run_length(5) + exact_run_length(6)) / 2)
    assert limit_for_run_length(steps, between) == pytest.approx(5, abs=1e-3)  # scores are whole numbers, so above 5 is 6


def test_a_limit_keeps_the_chance_of_a_false_alarm():
    limit = limit_for_chance(steps, 100, 0.05)
    fresh = highest(steps(np.random.default_rng(3), (100, 4000)))[-1]
    assert np.mean(fresh >= limit) <= 0.05
    assert np.mean(fresh >= limit - 1) > 0.04


def test_a_chart_that_never_alarms_has_an_endless_run():
    assert run_length(np.zeros((10, 3)), 1) == np.inf
