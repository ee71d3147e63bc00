from dataclasses import replace

import numpy as np
import pytest

from edge.inference.errors import ModelUnusable
from edge.inference.novelty import NEIGHBOURS, NoveltyTable, described
from edge.inference.release import DEFAULT_RELEASE
from edge.inference.runtime import Tensor


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    return NoveltyTable("0" * 64, np.zeros(8, np.float32), np.ones(8, np.float32), rng.normal(size=(200, 8)).astype(np.float32), 1.0)


def write(path, **arrays):
    kept = {
        "model_sha256": np.array("0" * 64),
        "centre": np.zeros(8, np.float32),
        "spread": np.ones(8, np.float32),
        "lungs": np.zeros((9, 8), np.float16),
        "limit": np.float32(1),
    }
    np.savez(path, **{name: array for name, array in (kept | arrays).items() if array is not None})
    return path


def test_features_are_described_by_mean_and_spread_of_each_channel():
    layer = Tensor(0, (1, 14, 14, 3), scale=0.05, zero_point=-12)
    raw = np.random.default_rng(0).integers(-128, 128, layer.shape[1:], np.int8)
    raw[..., 2] = -128
    real = layer.real(raw).astype(np.float64)
    assert described(raw, layer) == pytest.approx([*real.mean(axis=(0, 1)), *real.std(axis=(0, 1))], abs=1e-6)
    assert described(raw, layer)[-1] == 0


def test_a_lung_is_nearer_to_the_lungs_than_another_picture(table):
    rng = np.random.default_rng(1)
    alike, strange = rng.normal(size=8).astype(np.float32), np.full(8, 6, np.float32)
    assert table.distance(alike) < table.distance(strange)


def test_one_odd_lung_frame_does_not_make_its_like_usual(table):
    odd = np.full((1, 8), 6, np.float32)
    with_odd = NoveltyTable(table.model_sha256, table.centre, table.spread, np.concatenate([table.lungs, odd]), 1.0)
    assert with_odd.distance(odd[0]) > 0.5 * table.distance(odd[0])


def test_a_channel_counts_by_how_much_it_varies(table):
    wide = NoveltyTable(table.model_sha256, table.centre, table.spread * 10, table.lungs, 1.0)
    away = np.full(8, 6, np.float32)
    assert wide.distance(away) < table.distance(away)


def test_a_table_is_read_as_it_was_written(tmp_path):
    read = NoveltyTable.load(write(tmp_path / "novelty.npz"))
    assert (read.channels, read.limit, read.lungs.dtype) == (4, 1.0, np.float32)


def test_the_larger_of_distance_and_likeness_to_an_organ_counts(table, tmp_path):
    frame, far = np.zeros(8, np.float32), np.full(8, 40, np.float32)
    assert table.novelty(frame) == table.distance(frame)
    with_organ = replace(table, organ=np.append(np.full(8, -1, np.float32), np.float32(30)))
    assert with_organ.novelty(frame) == 30
    assert with_organ.novelty(far) == table.distance(far)


def test_a_release_from_before_has_no_measure_of_organs(tmp_path):
    path = write(tmp_path / "novelty.npz")
    assert NoveltyTable.load(path).organ is None
    assert NoveltyTable.load(write(path, organ=np.arange(9, dtype=np.float32))).organ.tolist() == list(range(9))


@pytest.mark.parametrize(
    "wrong",
    [
        {"lungs": None},
        {"lungs": np.zeros((9, 7), np.float16)},
        {"lungs": np.zeros((NEIGHBOURS - 1, 8), np.float16)},
        {"lungs": np.full((9, 8), np.nan, np.float16)},
        {"spread": np.zeros(8, np.float32)},
        {"centre": np.zeros(8, np.int32)},
        {"limit": np.float32(np.inf)},
        {"model_sha256": np.array(3)},
        {"organ": np.zeros(8, np.float32)},
        {"organ": np.full(9, np.nan, np.float32)},
        {"organ": np.zeros((9, 1), np.float32)},
        {"lungs": np.array([[object()]])},
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, wrong):
    with pytest.raises(ModelUnusable, match=r"novelty\.npz"):
        NoveltyTable.load(write(tmp_path / "novelty.npz", **wrong))


@pytest.mark.parametrize("cut", [0, 10, 1000, -10])
def test_a_table_cut_off_is_refused(tmp_path, cut):
    path = tmp_path / "novelty.npz"
    path.write_bytes((DEFAULT_RELEASE / "novelty.npz").read_bytes()[:cut])
    with pytest.raises(ModelUnusable, match="not a table of numbers"):
        NoveltyTable.load(path)
