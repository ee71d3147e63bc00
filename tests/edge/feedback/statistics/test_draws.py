import numpy as np

from edge.feedback.statistics.draws import AT_ONCE, FEWEST, by_patient, patient_counts
from edge.inference.statistics import DRAWS, mean_of


def test_each_draw_has_as_many_patients_as_there_are():
    counts = patient_counts(np.array([4, 4, 9, 0, 9, 9]))
    assert counts.shape == (DRAWS, 3)
    assert set(counts.sum(axis=1).tolist()) == {3}
    np.testing.assert_allclose(counts.mean(axis=0), 1, atol=0.07)
    np.testing.assert_allclose(counts.var(axis=0), 2 / 3, atol=0.07)
    np.testing.assert_array_equal(counts, patient_counts(np.array([1, 1, 2, 0, 2, 2])))


def test_all_cases_of_a_patient_have_the_weight_of_the_patient():
    seen = []
    by_patient(lambda weights: seen.append(weights) or weights[:, 0], np.array([7, 2, 7]))(np.array([[5.0, 6.0]]))
    np.testing.assert_array_equal(seen[0], [[6, 5, 6]])


def test_parts_of_the_draws_make_the_same_values():
    patients = np.arange(5000)
    counts = patient_counts(patients)[: 2 * AT_ONCE // len(patients) + 1]
    values = np.random.default_rng(1).normal(size=len(patients))
    np.testing.assert_allclose(by_patient(mean_of(values), patients)(counts), counts @ values / len(patients))


def test_many_cases_have_fewer_draws():
    assert [len(patient_counts(np.arange(cases) % 50)) for cases in (2000, 4000, 10**6)] == [DRAWS, 1000, FEWEST]
