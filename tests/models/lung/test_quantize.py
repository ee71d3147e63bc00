import numpy as np
import pytest

pytest.importorskip("torch", reason="needs torch of the extra [train]")

from models.lung.quantize import balanced


def test_both_classes_set_the_ranges_equally_often():
    labels = np.zeros((100, 2), np.float32)
    labels[:10, 0] = 1
    labels[40:, 1] = 1
    rows = balanced(labels, 32, np.random.default_rng(0))
    assert len(set(rows.tolist())) == 32
    assert labels[rows, 0].sum() >= 8
    assert 10 <= labels[rows, 1].sum() <= 22


def test_all_clips_are_used_if_there_are_too_few():
    assert sorted(balanced(np.array([[0], [1], [np.nan], [1]], np.float32), 9, np.random.default_rng(0))) == [0, 1, 3]
