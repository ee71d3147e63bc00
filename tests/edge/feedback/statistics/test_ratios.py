import numpy as np
import pytest

from edge.feedback.statistics.confusion import Confusion
from edge.feedback.statistics.figure import NoFigure, Why
from edge.feedback.statistics.ratios import negative_ratio, positive_ratio
from tests.edge.feedback.statistics.columns import cases_of


def test_ratios_equal_scipy_s_relative_risk_on_1000_tables():
    contingency = pytest.importorskip("scipy.stats.contingency")
    rng = np.random.default_rng(5)
    for true_present, false_present, false_absent, true_absent in rng.integers(1, 60, (1000, 4)).tolist():
        has, has_not = true_present + false_absent, true_absent + false_present
        if min(has, has_not) < 5:
            continue
        confusion = Confusion.independent(true_present, false_present, false_absent, true_absent)
        for found, counts in (
            (positive_ratio(confusion), (true_present, has, false_present, has_not)),
            (negative_ratio(confusion), (false_absent, has, true_absent, has_not)),
        ):
            expected = contingency.relative_risk(*counts)
            bounds = expected.confidence_interval()
            assert (found.value, found.low, found.high) == pytest.approx((expected.relative_risk, bounds.low, bounds.high), rel=1e-6)


def test_a_ratio_by_hand():
    """Sensitivity 40/50, specificity 45/50: the variance of the logarithm is 0.2/40 + 0.9/5."""
    found, spread = positive_ratio(Confusion.independent(40, 5, 10, 45)), np.exp(1.959964 * np.sqrt(0.185))
    assert (found.value, found.low, found.high) == pytest.approx((8, 8 / spread, 8 * spread))
    assert (found.cases, found.patients) == (100, 50)
    assert negative_ratio(Confusion.independent(40, 5, 10, 45)).value == pytest.approx(0.2 / 0.9)


def test_similar_cases_of_a_patient_widen_the_interval():
    rng = np.random.default_rng(6)
    truth = np.repeat(rng.random(60) < 0.5, 5).astype(float)
    answers = np.where(np.repeat(rng.random(60) < 0.8, 5), truth, 1 - truth)
    alone = positive_ratio(Confusion.of(cases_of(truth, answers)))
    together = positive_ratio(Confusion.of(cases_of(truth, answers, patients=np.repeat(np.arange(60), 5))))
    assert alone.value == together.value
    assert np.log(together.high / together.low) > 2 * np.log(alone.high / alone.low)


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ((0, 0, 0, 0), Why.NO_CASES),
        ((9, 0, 3, 0), Why.ONE_CLASS),
        ((3, 2, 1, 30), Why.FEW),
        ((3, 0, 1, 0), Why.FEW),
        ((9, 0, 3, 30), Why.ZERO_COUNT),
        ((0, 4, 9, 30), Why.ZERO_COUNT),
    ],
)
def test_no_ratio_is_a_sentence(counts, why):
    assert positive_ratio(Confusion.independent(*counts)) == NoFigure(why)
