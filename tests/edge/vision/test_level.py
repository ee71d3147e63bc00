import numpy as np
import pytest

from edge.vision.field import cut_out, field_of
from edge.vision.level import levelled
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
