import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.field import cut_out, field_of
from edge.vision.level import BLACK, BRIGHTER, DARKER, WALL_LEVEL, levelled
from edge.vision.region import region_of
from firmware_bridge.virtual_probe.chest import Chest


def square_of(gain_db):
    chest = Chest(0, size=350, gain_db=gain_db)
    return cut_out(chest.image(0.0), field_of(chest.geometry, region_of(chest.geometry, 350, 350)), 224)


def test_two_gains_look_the_same_afterwards():
    dark, bright = square_of(54.0), square_of(66.0)
    before = np.abs(dark.astype(int) - bright).mean()
    after = np.abs(levelled(dark).astype(int) - levelled(bright)).mean()
    assert after < before / 2


def test_black_stays_black_and_no_level_overtakes_another():
    square = square_of(60.0)
    made = levelled(square)
    assert not made[square == 0].any()
    assert (np.diff([made[square == grey].max() for grey in np.unique(square)]) >= 0).all()


@pytest.mark.parametrize("grey", [0, 1, 128, 255])
@pytest.mark.parametrize("side", [1, 2, 224])
def test_one_colour_stays_one_colour(grey, side):
    assert len(np.unique(levelled(np.full((side, side), grey, np.uint8)))) == 1


@given(st.integers(0, 2**32 - 1), st.integers(1, 255))
def test_every_pixel_is_moved_by_the_same_change_except_near_black(seed, most):
    square = np.random.default_rng(seed).integers(0, most + 1, (40, 40), np.uint8)
    wall = square[4:14, 11:29]
    change = np.clip(WALL_LEVEL - wall[wall > 0].mean(), -DARKER, BRIGHTER)
    assert (levelled(square) == np.clip(square + change * np.minimum(1, square / BLACK), 0, 255).astype(np.uint8)).all()
