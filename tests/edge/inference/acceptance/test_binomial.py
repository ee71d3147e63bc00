import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference.acceptance.binomial import interval, lower, upper

TRIALS = st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.fixture(scope="module")
def beta():
    return pytest.importorskip("scipy.stats").beta


@given(TRIALS, st.sampled_from([0.9, 0.95, 0.975]))
def test_the_bounds_are_those_of_the_beta_distribution(beta, trials, level):
    hits, of = trials
    low = beta.ppf(1 - level, hits, of - hits + 1) if hits else 0.0
    high = beta.ppf(level, hits + 1, of - hits) if hits < of else 1.0
    assert lower(hits, of, level) == pytest.approx(low, abs=1e-9)
    assert upper(hits, of, level) == pytest.approx(high, abs=1e-9)


def test_without_a_miss_the_bound_is_a_root_of_the_level():
    assert lower(9, 9) == pytest.approx(0.05 ** (1 / 9))
    assert upper(0, 30) == pytest.approx(1 - 0.05 ** (1 / 30))


@given(TRIALS)
def test_the_share_is_within_its_interval(trials):
    hits, of = trials
    low, high = interval(hits, of)
    assert 0 <= low <= hits / of <= high <= 1


def test_many_trials_cost_no_precision():
    assert interval(9000, 10_000) == pytest.approx((0.893944, 0.905813), abs=1e-5)
