import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from models.lung.evaluation.calibration import Method, bins, ece, ece_if_perfect, recommended
from models.lung.evaluation.statistics import Estimate, value_of


def method(name, loss, gain_low):
    one = Estimate(loss, loss, loss)
    return Method(name, one, Estimate(0.5 - loss, gain_low, 0.2), one)


def test_bins_have_equal_mass_and_twenty_clips_or_more():
    assert bins(np.random.default_rng(0).random(285)).sum(axis=1).tolist() == [29] * 5 + [28] * 5
    assert bins(np.random.default_rng(0).random(95)).sum(axis=1).tolist() == [24, 24, 24, 23]
    assert len(bins(np.random.default_rng(0).random(7))) == 1


def test_the_error_is_the_mean_difference_of_bins():
    probability, labels = np.repeat([0.2, 0.8], 20), np.repeat([1.0, 0.0, 1.0, 0.0], [8, 12, 12, 8])
    assert value_of(ece(probability, labels, bins(probability)), 40) == pytest.approx(0.5 * 0.2 + 0.5 * 0.2)


def test_the_chance_error_of_perfect_probabilities_shrinks_with_more_clips():
    rng = np.random.default_rng(1)
    few, many = rng.random(200), rng.random(20_000)
    found = ece_if_perfect(few, bins(few))
    assert found.low > 0
    labels = (rng.random(200) < few).astype(float)
    assert value_of(ece(few, labels, bins(few)), 200) <= found.high * 1.3
    assert ece_if_perfect(many, bins(many)).value < found.value / 5


def test_another_method_than_platts_is_recommended_only_if_better_beyond_chance():
    platt = method("Platt", 0.5, 0)
    assert recommended((platt, method("beta", 0.4, -0.01))) == "Platt"
    assert recommended((platt, method("beta", 0.495, 0.001))) == "Platt"
    assert recommended((platt, method("beta", 0.4, 0.02))) == "beta"
    assert recommended((platt, method("temperature", 0.3, 0.01), method("beta", 0.4, 0.02))) == "temperature"
