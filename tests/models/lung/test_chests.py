import numpy as np

from models.lung.chests import Chests


def test_golden_inputs_are_different_healthy_frames():
    golden = Chests(64).golden(4)
    assert golden.grey.shape == (4, 1, 64, 64)
    assert golden.good.all()
    assert len({each.tobytes() for each in golden.grey}) == 4
    assert np.array_equal(golden.grey, Chests(64).golden(4).grey)
