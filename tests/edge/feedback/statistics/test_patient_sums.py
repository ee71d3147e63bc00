"""The same statistics from sums over patients as from weights of cases."""

import numpy as np
import pytest

from edge.feedback.statistics import patient_sums
from edge.feedback.statistics.draws import by_patient, patient_counts
from edge.inference import reliability, statistics

RNG = np.random.default_rng(5)


def ward(cases, patients, decimals=6):
    return (
        np.round(RNG.random(cases), decimals),
        RNG.integers(0, 2, cases).astype(float),
        RNG.integers(0, patients, cases) * 3,  # codes can have gaps
    )


@pytest.mark.parametrize("decimals", [1, 6])
def test_every_draw_has_the_value_that_weights_of_cases_give(decimals):
    probability, truth, patients = ward(patient_sums.LEVELS, 40, decimals)
    counts, members = patient_counts(patients), reliability.bins(probability)
    pairs = (
        (patient_sums.mean_of(probability, patients), statistics.mean_of(probability)),
        (patient_sums.ece(probability, truth, members, patients), reliability.ece(probability, truth, members)),
        (patient_sums.auc(probability, truth, patients), statistics.auc(probability, truth)),
    )
    for ours, of_cases in pairs:
        np.testing.assert_allclose(ours(counts), by_patient(of_cases, patients)(counts), atol=1e-12)


def test_a_draw_of_one_class_has_no_auc():
    statistic = patient_sums.auc(np.array([0.2, 0.8]), np.array([0.0, 1.0]), np.array([0, 1]))
    np.testing.assert_array_equal(statistic(np.array([[1.0, 1.0], [2.0, 0.0]])), [1, np.nan])


def test_levels_of_many_values_move_an_auc_by_less_than_a_thousandth():
    probability, truth, patients = ward(20_000, 500)
    probability = np.clip(probability + 0.3 * truth, 0, 1)
    counts = patient_counts(patients)[:5]
    exact = by_patient(statistics.auc(probability, truth), patients)(counts)
    np.testing.assert_allclose(patient_sums.auc(probability, truth, patients)(counts), exact, atol=1e-3)
