import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference import statistics as s


def draws_of(patients):
    return s.patient_draws(np.array(patients))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=30))
def test_auc_is_the_share_of_pairs_in_the_right_order(clips):
    scores, labels = np.array([score for score, _ in clips], float), np.array([label for _, label in clips], float)
    pairs = [(score > other) + (score == other) / 2 for score, label in clips if label for other, unlike in clips if not unlike]
    found = s.value_of(s.auc(scores, labels), len(clips))
    assert found == pytest.approx(np.mean(pairs)) if pairs else np.isnan(found)


def test_auc_with_weights_equals_auc_of_repeated_clips():
    metrics = pytest.importorskip("sklearn.metrics", reason="needs scikit-learn of the extra [train]")
    rng = np.random.default_rng(0)
    scores, labels, weights = rng.integers(0, 9, 80), rng.integers(0, 2, 80).astype(float), rng.integers(0, 4, (5, 80))
    found = s.auc(scores, labels)(weights.astype(float))
    assert found == pytest.approx([metrics.roc_auc_score(np.repeat(labels, each), np.repeat(scores, each)) for each in weights])


def test_all_clips_of_a_patient_are_drawn_together():
    draws = draws_of(["a", "b", "a", "c"])
    assert draws.shape == (s.DRAWS, 4)
    assert np.array_equal(draws[:, 0], draws[:, 2])
    assert set((draws[:, 0] + draws[:, 1] + draws[:, 3]).tolist()) == {3.0}


def test_draws_are_reproducible_and_differ_with_another_seed():
    patients = np.array([f"p{number}" for number in range(9)])
    assert np.array_equal(s.patient_draws(patients), s.patient_draws(patients))
    assert not np.array_equal(s.patient_draws(patients), s.patient_draws(patients, s.SEED + 1))


def test_similar_clips_of_one_patient_widen_the_interval():
    values = np.repeat(np.random.default_rng(0).normal(size=40), 6)
    of_patients = s.estimate(s.mean_of(values), draws_of(np.repeat([f"p{i}" for i in range(40)], 6)))
    of_clips = s.estimate(s.mean_of(values), draws_of([f"clip{i}" for i in range(240)]))
    assert of_patients.high - of_patients.low > 2 * (of_clips.high - of_clips.low)
    assert of_patients.value == of_clips.value == pytest.approx(values.mean())


def test_the_interval_contains_the_truth_about_as_often_as_stated():
    rng = np.random.default_rng(1)
    patients = np.repeat([f"p{i}" for i in range(50)], 4)
    held = []
    for _ in range(150):
        values = np.repeat(rng.normal(size=50), 4) + rng.normal(size=200)
        found = s.estimate(s.mean_of(values), s.patient_draws(patients))
        held.append(found.low <= 0 <= found.high)
    assert 0.88 <= np.mean(held) <= 0.99


def test_differences_are_paired():
    rng = np.random.default_rng(2)
    labels, scores = rng.integers(0, 2, 200).astype(float), rng.normal(size=200)
    auc = s.auc(scores + labels, labels)
    found = s.estimate(s.difference(auc, auc), draws_of([f"p{i % 40}" for i in range(200)]))
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_a_share_counts_only_the_selected_clips():
    hits, among = np.array([True, True, False, False]), np.array([True, False, True, False])
    assert s.value_of(s.share_of(hits, among), 4) == 0.5
    assert np.isnan(s.value_of(s.share_of(hits, np.zeros(4, bool)), 4))


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)],  # Newcombe 1998, table I, method 3
)
def test_wilson_equals_the_published_values(hits, of, low, high):
    found = s.wilson(hits, of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.value == hits / of


def test_the_interval_of_an_error_contains_its_value_and_is_not_below_0():
    clips = np.random.default_rng(3).normal(size=100)
    found = s.estimate_of_error(lambda weights: np.abs(weights @ clips / weights.sum(axis=1)), draws_of([f"p{i}" for i in range(100)]))
    assert 0 <= found.low <= found.value <= found.high


def test_a_band_has_no_value_at_a_point_without_draws():
    low, high = s.band(np.array([[1.0, np.nan], [2.0, np.nan]]))
    assert 1 <= low[0] <= high[0] <= 2
    assert np.isnan([low[1], high[1]]).all()
