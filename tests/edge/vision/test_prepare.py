import numpy as np

from edge.vision.prepare import INPUT_SCALE, INPUT_ZERO_POINT, to_tensor


def test_every_grey_level_has_its_own_tensor_value():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    tensor = to_tensor(levels)
    assert tensor.shape == (1, 16, 16, 1)
    assert tensor.dtype == np.int8
    real = (tensor[0, :, :, 0].astype(float) - INPUT_ZERO_POINT) * INPUT_SCALE
    assert np.array_equal(real, (levels.astype(float) - 128) / 128)


def test_preparing_leaves_the_picture_as_it_was():
    picture = np.random.default_rng(0).integers(0, 256, (224, 224), dtype=np.uint8)
    kept = picture.copy()
    picture.flags.writeable = False
    to_tensor(picture)
    assert np.array_equal(picture, kept)
