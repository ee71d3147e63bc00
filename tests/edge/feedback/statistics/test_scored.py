import numpy as np
import pytest

from edge.feedback.statistics import scored
from edge.feedback.statistics.figure import Figure, NoFigure, Why
from edge.inference.reliability import bins
from edge.inference.statistics import DRAWS, auc, estimate, mean_of, patient_draws, value_of, wilson
from tests.edge.feedback.statistics.columns import cases_of


def ward(seed, patients=40, each=6):
    """Similar cases of one patient, with probabilities that are right."""
    rng = np.random.default_rng(seed)
    share = np.clip(np.repeat(rng.beta(1, 1.5, patients), each) + rng.normal(0, 0.05, patients * each), 0.01, 0.99)
    return (rng.random(patients * each) < share).astype(float), share, np.repeat(np.arange(patients), each)


def test_auc_and_brier_equal_scikit_learn_s_on_1000_tables():
    metrics = pytest.importorskip("sklearn.metrics", reason="needs scikit-learn of the extra [dev]")
    rng = np.random.default_rng(7)
    for _ in range(1000):
        count = int(rng.integers(6, 60))
        truth, probability = rng.integers(0, 2, count).astype(float), np.round(rng.random(count), int(rng.integers(1, 4)))
        truth[:2] = 0, 1
        assert value_of(auc(probability, truth), count) == pytest.approx(metrics.roc_auc_score(truth, probability))
        assert value_of(mean_of((probability - truth) ** 2), count) == pytest.approx(metrics.brier_score_loss(truth, probability))


def test_figures_are_those_statistics_with_draws_of_whole_patients():
    truth, probability, patients = ward(8)
    cases = cases_of(truth, probability=probability, patients=patients)
    draws = patient_draws(np.array([f"p{number}" for number in patients]))
    for found, statistic in (
        (scored.auc(cases), auc(probability, truth)),
        (scored.brier(cases), mean_of((probability - truth) ** 2)),
    ):
        expected = estimate(statistic, draws)
        assert found.value == pytest.approx(expected.value)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.1 * (expected.high - expected.low))
        assert (found.cases, found.patients) == (240, 40)


def test_the_points_of_the_diagram_equal_scikit_learn_s():
    calibration = pytest.importorskip("sklearn.calibration", reason="needs scikit-learn of the extra [dev]")
    for seed in range(20):
        truth, probability, _ = ward(seed)
        points = scored.reliability(cases_of(truth, probability=probability))
        shares, means = calibration.calibration_curve(truth, probability, n_bins=len(points), strategy="quantile")
        assert [point.probability for point in points] == pytest.approx(means)
        assert [point.share.value for point in points] == pytest.approx(shares)
        assert sum(point.share.cases for point in points) == 240


def test_the_calibration_error_is_the_mean_distance_of_the_points_from_the_diagonal():
    truth, probability, patients = ward(9)
    cases = cases_of(truth, probability=np.sqrt(probability), patients=patients)
    points = scored.reliability(cases)
    away = sum(abs(point.probability - point.share.value) * point.share.cases for point in points) / 240
    found = scored.ece(cases)
    assert found.value == pytest.approx(away)
    assert 0 <= found.low <= found.value <= found.high
    right = scored.ece(cases_of(truth, probability=probability, patients=patients))
    assert right.value < found.low


def test_a_perfect_rank_still_has_an_interval():
    found = scored.auc(cases_of([0] * 30 + [1] * 8, probability=np.linspace(0, 1, 38)))
    assert (found.value, found.low, found.high) == (1.0, wilson(8, 8).low, 1.0)


def test_many_cases_use_fewer_draws_and_little_memory(record_property):
    tracemalloc = pytest.importorskip("tracemalloc")
    truth, probability, patients = ward(10, patients=4000)
    cases = cases_of(truth, probability=probability, patients=patients)
    tracemalloc.start()
    found = scored.auc(cases), scored.brier(cases), scored.ece(cases)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    record_property("MB at most for AUC, Brier and ECE of 24,000 cases", round(peak))
    assert peak < 60
    assert all(isinstance(each, Figure) and each.low < each.value < each.high for each in found)
    assert DRAWS == 2000


@pytest.mark.parametrize("statistic", [scored.auc, scored.brier, scored.ece])
def test_what_gives_no_number_is_a_sentence(statistic):
    nothing = np.full(9, np.nan)
    assert statistic(cases_of(nothing, probability=np.full(9, 0.5))) == NoFigure(Why.UNKNOWN)
    assert statistic(cases_of(np.ones(9), probability=nothing)) == NoFigure(Why.UNKNOWN)
    few = cases_of([1, 0] * 8, probability=[0.7, 0.2] * 8, patients=[0, 1, 2, 3] * 4)
    assert statistic(few) == NoFigure(Why.FEW)


def test_an_auc_of_one_class_is_a_sentence():
    assert scored.auc(cases_of(np.ones(9), probability=np.linspace(0, 1, 9))) == NoFigure(Why.ONE_CLASS)
    rare = cases_of([1] * 3 + [0] * 30, probability=np.linspace(0, 1, 33))
    assert scored.auc(rare) == NoFigure(Why.FEW)
    assert isinstance(scored.brier(rare), Figure)


def test_a_diagram_hides_points_of_few_patients():
    truth, probability, _ = ward(11, patients=4, each=30)
    points = scored.reliability(cases_of(truth, probability=probability, patients=np.repeat(np.arange(4), 30)))
    assert len(points) == len(bins(probability))
    assert {point.share for point in points} == {NoFigure(Why.FEW)}
    assert scored.reliability(cases_of([np.nan])) == ()
