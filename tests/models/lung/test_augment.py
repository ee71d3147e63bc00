import numpy as np

from models.lung.augment import augmented


def test_versions_differ_but_keep_shape_type_and_the_gist():
    rng = np.random.default_rng(0)
    square = np.zeros((64, 64), np.uint8)
    square[20:30] = 150
    versions = [augmented(square, rng) for _ in range(8)]
    assert all(v.shape == square.shape and v.dtype == np.uint8 for v in versions)
    assert len({v.tobytes() for v in versions}) == 8
    for v in versions:
        rows = v.mean(axis=1)
        assert 12 <= int(rows.argmax()) <= 38


def test_the_original_is_left_alone():
    square = np.random.default_rng(1).integers(0, 256, (32, 32), dtype=np.uint8)
    kept = square.copy()
    augmented(square, np.random.default_rng(2))
    assert np.array_equal(square, kept)
