import numpy as np
import pytest

from edge.inference.acceptance.binomial import lower
from edge.inference.acceptance.figures import Answers, Cases, figures_of
from edge.inference.statistics import patient_draws


@pytest.fixture
def cases():
    """Two clips of each of ten patients, of whom five have the finding."""
    return Cases(np.linspace(-1, 1, 20), np.repeat([0.0, 1.0], 10), np.repeat([f"p{number}" for number in range(10)], 2))


def test_a_share_is_of_clips_and_its_bound_of_patients(cases):
    hits = np.array([True] * 8 + [False] * 12)
    share = cases.share(hits, ~cases.has)
    assert (share.value, share.patients) == (0.8, 5)
    assert share.at_least == lower(4, 5)


def test_a_set_that_is_empty_is_shown_as_both_and_rules_out_nothing(cases):
    nothing = Answers(np.full(20, 0.5), np.zeros(20, bool), np.zeros(20, bool))
    found = figures_of(cases, nothing, patient_draws(cases.patients))
    assert found.covered_with.value == found.covered_without.value == 1
    assert found.answered.value == 0
    assert found.right is None


def test_figures_count_what_is_stated(cases):
    probability = np.where(cases.has, 0.9, 0.1)
    probability[:2] = 0.9  # one patient without the finding
    found = figures_of(cases, Answers(probability, probability > 0.5, probability < 0.5), patient_draws(cases.patients))
    assert (found.sensitivity.value, found.specificity.value) == (1.0, 0.8)
    assert (found.covered_with.value, found.covered_without.value) == (1.0, 0.8)
    assert (found.answered.value, found.right.value) == (1.0, 0.9)
    assert 0 < found.ece.value < 0.2
