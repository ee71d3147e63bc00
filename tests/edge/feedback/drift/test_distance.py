import numpy as np
import pytest

from edge.feedback.drift.distance import BINS, PRIOR, Kernel, edges, ks, psi, shares


def test_ks_equals_scipy_s_on_1000_pairs_of_samples():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    for _ in range(1000):
        values = np.round(rng.normal(rng.normal(), 1, rng.integers(1, 20)), int(rng.integers(0, 3)))
        reference = np.sort(np.round(rng.normal(size=rng.integers(5, 200)), 1))
        higher, lower = ks(values, reference)
        assert max(higher, lower) == pytest.approx(stats.ks_2samp(values, reference, method="asymp").statistic)


def test_the_one_sided_distances_equal_scipy_s():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(2)
    for _ in range(100):
        values, reference = np.round(rng.normal(0.5, 1, 9), 1), np.sort(np.round(rng.normal(size=80), 1))
        found = [stats.ks_2samp(values, reference, alternative=side, method="asymp").statistic for side in ("less", "greater")]
        assert ks(values, reference) == pytest.approx(found)


def test_one_value_in_the_middle_is_neither_higher_nor_lower():
    reference = np.arange(101.0)
    assert np.subtract(*ks(np.array([50.0]), reference)) == pytest.approx(0)
    assert ks(np.array([200.0]), reference) == (1, 0)
    assert ks(np.array([-1.0]), reference) == (0, 1)


def test_psi_equals_scipy_s_entropies_on_1000_pairs_of_samples():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(3)
    for _ in range(1000):
        values, reference = rng.normal(rng.normal(), 1, rng.integers(1, 30)), rng.normal(size=100)
        at = edges(reference)
        expected = shares(reference, at)
        found = (shares(values, at) * len(values) + PRIOR * expected) / (len(values) + PRIOR)
        assert psi(values, expected, at) == pytest.approx(stats.entropy(found, expected) + stats.entropy(expected, found))


def test_psi_is_finite_where_bins_are_empty_or_all_values_are_the_same():
    same = np.full(50, 3.0)
    at = edges(same)
    assert len(at) == 1
    assert psi(same[:4], shares(same, at), at) == 0
    assert np.isfinite(psi(np.array([9.0]), shares(same, at), at))
    reference = np.arange(100.0)
    assert len(edges(reference)) == BINS - 1
    assert 1 < psi(np.full(8, 1e9), shares(reference, edges(reference)), edges(reference)) < 10


def test_the_distance_of_means_is_the_mmd_of_a_gaussian_kernel():
    pairwise = pytest.importorskip("sklearn.metrics.pairwise", reason="needs scikit-learn of the extra [dev]")
    rng = np.random.default_rng(4)
    reference, values = rng.normal(3, 5, (300, 6)), rng.normal(5, 5, (80, 6))
    kernel = Kernel(reference)
    found = ((kernel.mean(values) - kernel.mean(reference)) ** 2).sum()
    one, other = ((each - reference.mean(axis=0)) / reference.std(axis=0) for each in (values, reference))
    gamma = 1 / np.median(pairwise.euclidean_distances(other, squared=True)[np.triu_indices(300, 1)])
    within, between = pairwise.rbf_kernel(one, gamma=gamma).mean(), pairwise.rbf_kernel(one, other, gamma=gamma).mean()
    assert found == pytest.approx(within - 2 * between + pairwise.rbf_kernel(other, gamma=gamma).mean(), rel=0.25)
    assert found > 4 * ((kernel.mean(reference[:150]) - kernel.mean(reference[150:])) ** 2).sum()


def test_a_feature_that_never_changes_does_not_hide_the_others():
    reference = np.random.default_rng(5).normal(size=(200, 4))
    reference[:, 0] = 2
    kernel, moved = Kernel(reference), reference + np.array([0.001, 0, 0, 0])
    assert ((kernel.mean(moved) - kernel.mean(reference)) ** 2).sum() < 0.01
    assert np.isfinite(Kernel(np.ones((9, 2))).mean(np.ones((3, 2)))).all()
