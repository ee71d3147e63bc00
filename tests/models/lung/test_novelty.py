import numpy as np
import pytest

from edge.inference.novelty import NoveltyTable
from models.lung.novelty import REFUSED, clip_novelty, fit, limit_of, save


@pytest.fixture
def lungs():
    return np.random.default_rng(0).normal(3, 2, (60, 6)).astype(np.float32)


def test_a_fitted_table_separates_other_pictures_from_lungs(lungs):
    table = fit(lungs, "0" * 64)
    others = np.random.default_rng(1).normal(3, 2, (20, 4, 6)).astype(np.float32)
    assert clip_novelty(table, others).max() < clip_novelty(table, others + 20).min()


def test_the_appliance_reads_the_saved_table(lungs, tmp_path):
    table = fit(lungs, "0" * 64, limit=1.5)
    save(table, tmp_path / "novelty.npz")
    read = NoveltyTable.load(tmp_path / "novelty.npz")
    assert (read.model_sha256, read.limit) == ("0" * 64, 1.5)
    assert read.distance(lungs[0] + 1) == pytest.approx(table.distance(lungs[0] + 1), rel=1e-2)


def test_the_limit_refuses_the_stated_share():
    left_out = np.random.default_rng(2).normal(size=1000).astype(np.float32)
    assert np.mean(left_out > limit_of(left_out)) == pytest.approx(REFUSED, abs=0.001)


def test_a_constant_feature_causes_no_division_by_zero(lungs):
    lungs[:, 0] = 5
    assert np.isfinite(fit(lungs, "0" * 64).lungs).all()
