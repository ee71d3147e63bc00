from dataclasses import replace

import numpy as np
import pytest

from edge.vision.field import SIDE_MM
from edge.vision.quality import Limits
from edge.vision.region import FoundBy
from edge.vision.standardise import Standardiser, redrawn
from firmware_bridge.frame import Frame, Geometry
from firmware_bridge.virtual_probe.chest import Chest

SIDE = 224


def frame(chest, geometry=None, pixels=None):
    shown = chest.image(0.0) if pixels is None else pixels
    return Frame(shown, 0, 0, 0, geometry or chest.geometry, chest.settings)


def named(chest):
    """The image with a name burned in beside the fan."""
    pixels = chest.image(0.0).copy()
    pixels[2:12, 2:60] = 255
    return pixels


def test_a_name_beside_the_fan_reaches_neither_frame_nor_picture():
    chest = Chest(2, size=300)
    with_name = Standardiser(SIDE).take(frame(chest, pixels=named(chest)))
    without = Standardiser(SIDE).take(frame(chest))
    assert with_name.region is FoundBy.GEOMETRY
    assert np.array_equal(with_name.frame.pixels, without.frame.pixels)
    assert np.array_equal(with_name.picture, without.picture)


@pytest.mark.parametrize("size", [200, 350, 560])
def test_where_the_scale_is_known_the_picture_is_as_much_tissue_from_every_size(size):
    seen = Standardiser(SIDE).take(frame(Chest(2, size=size)))
    assert seen.field.side_mm == SIDE_MM
    assert seen.picture.shape == (SIDE, SIDE)
    assert seen.field.width * Chest(2, size=size).geometry.mm_per_px[0] == pytest.approx(SIDE_MM)


def test_where_the_scale_is_not_known_that_is_stated_and_all_the_ultrasound_is_taken():
    chest = Chest(2, size=300)
    seen = Standardiser(SIDE).take(frame(chest, Geometry()))
    assert seen.field.side_mm is None
    assert seen.region is FoundBy.PIXELS


def test_depth_is_counted_from_the_skin_to_the_last_row_of_ultrasound():
    chest = Chest(2, size=350, depth_mm=120.0)
    skin, deepest = Standardiser(SIDE).take(frame(chest)).depth_rows
    assert (deepest - skin) * chest.geometry.mm_per_px[1] == pytest.approx(120.0, abs=1.5)


def test_gain_changes_the_picture_little_and_the_frame_much():
    dark, bright = (Standardiser(SIDE).take(frame(Chest(2, gain_db=gain))) for gain in (54.0, 66.0))
    lit = (dark.picture > 0) & (bright.picture > 0) & (bright.picture < 255)
    assert abs(float(dark.picture[lit].mean()) - float(bright.picture[lit].mean())) < 6
    assert float(bright.frame.pixels.mean()) - float(dark.frame.pixels.mean()) > 15


def test_limits_of_a_protocol_are_judged_and_without_one_any_depth_will_do():
    shallow = frame(replace(Chest(2), depth_mm=60.0))
    assert [reason.code for reason in Standardiser(SIDE).take(shallow, Limits()).quality.reasons] == ["TOO_SHALLOW"]
    assert Standardiser(SIDE).take(shallow).quality.reasons == ()


def test_another_side_changes_the_picture_and_nothing_that_is_known_of_the_source():
    chest = Chest(2, size=300)
    standardiser = Standardiser(SIDE)
    first = standardiser.take(frame(chest, Geometry()))
    standardiser.side = 160
    second = standardiser.take(replace(frame(chest, Geometry()), sequence=1, captured_us=40_000))
    assert (first.picture.shape, second.picture.shape) == ((SIDE, SIDE), (160, 160))
    assert (second.region, second.field) == (first.region, first.field)


@pytest.mark.parametrize("geometry", [None, Geometry()])
def test_a_picture_redrawn_is_the_one_that_a_standardiser_of_that_side_makes(geometry):
    shown = frame(Chest(2, size=300), geometry)
    assert np.array_equal(redrawn(Standardiser(SIDE).take(shown), 160).picture, Standardiser(160).take(shown).picture)
