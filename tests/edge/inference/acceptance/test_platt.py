import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference.acceptance.platt import fit, logistic, probability

CLIP = st.tuples(st.integers(-120, 120).map(lambda tenths: tenths / 10), st.booleans())
CLIPS = st.lists(CLIP, min_size=2, max_size=80).filter(lambda clips: {label for _, label in clips} == {True, False})


@pytest.fixture(scope="module")
def optimize():
    return pytest.importorskip("scipy.optimize")


def arrays(clips):
    return np.array([logit for logit, _ in clips], float), np.array([label for _, label in clips], float)


def test_it_finds_the_logistic_that_made_the_labels():
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 3, 20_000)
    found = fit(logits, (rng.random(20_000) < logistic(0.7 * logits - 1.2)).astype(float))
    assert (found.slope, found.offset) == pytest.approx((0.7, -1.2), abs=0.05)


@given(CLIPS)
def test_it_finds_the_minimum_that_scipy_finds(optimize, clips):
    logits, labels = arrays(clips)
    positive, negative = (labels == 1).sum(), (labels == 0).sum()
    targets = np.where(labels == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))

    def loss(of):
        values = of[0] * logits + of[1]
        return (np.logaddexp(0, values) - targets * values).sum()

    found = fit(logits, labels)
    best = optimize.minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-8})
    assert loss((found.slope, found.offset)) <= best.fun + 1e-5


@given(CLIPS)
def test_whatever_the_clips_the_probabilities_are_numbers_within_0_and_1(clips):
    logits, labels = arrays(clips)
    found = probability(logits, fit(logits, labels))
    assert ((found >= 0) & (found <= 1)).all()


def test_separated_clips_and_equal_logits_have_a_finite_calibration():
    assert 0 < fit(np.array([-1.0, -2, 1, 2]), np.array([0.0, 0, 1, 1])).slope < 10
    assert fit(np.full(10, 2.0), np.repeat([0.0, 1.0], 5)).slope == pytest.approx(0, abs=1e-6)
