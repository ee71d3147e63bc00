import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from edge.inference.reliability import bins, ece
from edge.inference.statistics import Estimate, value_of
from models.lung.evaluation.calibration import Method, ece_if_perfect, recommended


def method(name, loss, gain_low):
    one = Estimate(loss, loss, loss)
    return Method(name, one, Estimate(0.5 - loss, gain_low, 0.2), one)


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
