from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from edge.inference.novelty import NoveltyTable
from models.lung.novelty import REFUSED, LeftOut, Scale, clip_novelty, fit, fit_organ, limit_of, save, with_limit

FEATURES = 6


@pytest.fixture
def lungs():
    return np.random.default_rng(0).normal(3, 2, (60, FEATURES)).astype(np.float32)


@pytest.fixture
def organs(lungs):
    """As far from the middle of the lungs as lungs are, all in one direction."""
    found = np.random.default_rng(3).normal(3, 0.5, (80, FEATURES)).astype(np.float32)
    found[:, :2] += 2
    return found


def clips(seed, add=0.0, count=40, frames=4):
    found = np.random.default_rng(seed).normal(3, 2, (count, frames, FEATURES)).astype(np.float32)
    return list(found + np.float32(add))


def test_a_fitted_table_separates_other_pictures_from_lungs(lungs):
    table = fit(lungs)
    assert clip_novelty(table, clips(1)).max() < clip_novelty(table, clips(1, add=20)).min()


def test_the_appliance_reads_the_saved_table(lungs, organs, tmp_path):
    table = replace(fit(lungs, "0" * 64), limit=1.5, organ=fit_organ(lungs, organs))
    save(table, tmp_path / "novelty.npz")
    read = NoveltyTable.load(tmp_path / "novelty.npz")
    assert (read.model_sha256, read.limit) == ("0" * 64, 1.5)
    assert np.array_equal(read.organ, table.organ)
    assert read.novelty(lungs[0] + 1) == pytest.approx(table.novelty(lungs[0] + 1), rel=1e-2)


def test_an_organ_that_is_near_to_the_lungs_is_novel_by_the_second_measure(lungs, organs):
    alone, organ = fit(lungs), fit_organ(lungs, organs)
    left_out = [LeftOut.of(alone, organ, frames) for frames in clips(2)]
    scale = Scale.of(left_out)
    both = with_limit(alone, organ, scale, scale.novelty(left_out))
    of_organs = [frames.reshape(1, -1) for frames in organs]
    assert (clip_novelty(alone, of_organs) > limit_of([each.distance.mean() for each in left_out])).mean() < 0.2
    assert (clip_novelty(both, of_organs) > both.limit).mean() > 0.6


def test_the_usual_lung_and_the_usual_organ_are_0_and_1(lungs, organs):
    weights = fit_organ(lungs, organs)
    assert [np.median(each @ weights[:-1] + weights[-1]) for each in (lungs, organs)] == pytest.approx([0, 1], abs=1e-3)


def test_what_the_appliance_computes_is_what_was_evaluated(lungs, organs):
    alone, organ = fit(lungs), fit_organ(lungs, organs)
    left_out = [LeftOut.of(alone, organ, frames) for frames in clips(2)]
    scale = Scale.of(left_out)
    table = with_limit(alone, organ, scale, scale.novelty(left_out))
    assert clip_novelty(table, clips(2)) == pytest.approx(scale.novelty(left_out), rel=1e-4)
    assert (clip_novelty(table, clips(2)) > table.limit).mean() == pytest.approx(REFUSED, abs=0.03)


def test_the_limit_refuses_the_stated_share():
    left_out = np.random.default_rng(2).normal(size=1000).astype(np.float32)
    assert np.mean(left_out > limit_of(left_out)) == pytest.approx(REFUSED, abs=0.001)


def test_a_constant_feature_causes_no_division_by_zero(lungs, organs):
    lungs[:, 0] = organs[:, 0] = 5
    assert np.isfinite(fit(lungs).lungs).all()
    assert np.isfinite(fit_organ(lungs, organs)).all()
