import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.prepare import INPUT_SCALE, INPUT_ZERO_POINT, fit_square, prepare, to_tensor


@given(st.integers(1, 400), st.integers(1, 400))
def test_any_frame_fits_the_square_centred_and_in_proportion(rows, columns):
    square = fit_square(np.full((rows, columns), 200, np.uint8), 224)
    assert square.shape == (224, 224)
    lit_rows, lit_columns = square.any(axis=1), square.any(axis=0)
    assert max(lit_rows.sum(), lit_columns.sum()) == 224
    assert abs(int(lit_rows.sum()) - max(1, round(rows * 224 / max(rows, columns)))) <= 0
    for lit in (lit_rows, lit_columns):
        where = np.flatnonzero(lit)
        assert abs(where[0] - (223 - where[-1])) <= 1


def test_every_grey_level_has_its_own_tensor_value():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    tensor = to_tensor(levels)
    assert tensor.shape == (1, 16, 16, 1)
    assert tensor.dtype == np.int8
    real = (tensor[0, :, :, 0].astype(float) - INPUT_ZERO_POINT) * INPUT_SCALE
    assert np.array_equal(real, (levels.astype(float) - 128) / 128)


@pytest.mark.parametrize("shape", [(350, 350), (480, 640), (640, 480)])
def test_preparing_leaves_the_frame_as_it_was(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    kept = pixels.copy()
    pixels.flags.writeable = False
    prepare(pixels, 224)
    assert np.array_equal(pixels, kept)
