import numpy as np
import pytest

from models.foreign.pictures import KINDS, another_export, generated, varied


@pytest.mark.parametrize("kind", sorted(set(KINDS), key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("shape", [(200, 900), (699, 200)])
def test_every_kind_gives_a_picture_of_the_requested_size(kind, shape):
    picture = kind(np.random.default_rng(1), shape)
    assert picture.shape == shape
    assert np.isfinite(picture).all()


@pytest.mark.parametrize("make", [generated, lambda chance: varied(np.full((90, 40), 120, np.uint8), chance)])
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(make):
    one, same, other = (make(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("vary", [varied, another_export])
@pytest.mark.parametrize("shape", [(9, 9), (40, 500), (500, 40)])
def test_every_picture_has_variants(vary, shape):
    for seed in range(30):
        assert vary(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8), np.random.default_rng(seed)).dtype == np.uint8


def test_another_export_of_ultrasound_keeps_black_black():
    assert not another_export(np.zeros((300, 300), np.uint8), np.random.default_rng(1)).any()
