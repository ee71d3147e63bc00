import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.probe.elements import Band, Placed, brightness, curve, mm_per_px
from edge.vision.outline import Edge, Outline
from edge.vision.region import FoundBy, Region
from firmware_bridge.frame import Geometry


def rectangle(rows, columns):
    mask = np.ones((rows, columns), np.bool_)
    return Region(mask, FoundBy.PIXELS, Outline(Edge(-0.5, 0), Edge(columns - 0.5, 0), 1e5, 1e5 + rows))


def shown(band, of_element):
    """The grey of the band's pixels where each shows its two elements in proportion."""
    return np.interp(band.element, np.arange(band.elements), of_element)


@given(st.lists(st.floats(-60, 60), min_size=32, max_size=32), st.integers(40, 200))
@settings(max_examples=30)
def test_elements_are_separated_for_any_place_of_the_pixels(differences, columns):
    band = Band.of(Placed.of(rectangle(200, columns)), Geometry(), 32)
    wanted = np.array(differences) - np.median(shown(band, np.array(differences)))
    assert brightness(120 + shown(band, wanted), band) == pytest.approx(wanted, abs=4)


def test_a_straight_array_is_as_long_as_its_picture_is_wide():
    placed = Placed.of(rectangle(100, 64))
    assert placed.straight
    assert placed.length == 64
    assert Band.of(placed, Geometry(mm_per_px=(0.5, 0.5)), 33).pitch_mm == pytest.approx(1.0)


def test_the_band_is_as_deep_in_millimetres_whatever_the_scale():
    for scale in (0.2, 0.4):
        band = Band.of(Placed.of(rectangle(200, 64)), Geometry(mm_per_px=(scale, scale)), 32)
        assert band.depth.max() * scale == pytest.approx(10, abs=scale)


@pytest.mark.parametrize("reported", [None, (float("nan"), 0.3), (0.3, -1.0), (1e9, 0.3)])
def test_a_scale_that_cannot_be_is_no_scale(reported):
    assert mm_per_px(Geometry(mm_per_px=reported)) is None


def test_black_and_saturated_depths_do_not_count():
    band = Band.of(Placed.of(rectangle(200, 64)), Geometry(), 32)
    for grey in (0.0, 255.0):
        assert np.abs(brightness(np.full(band.pixels.size, grey), band)).max() == 0
    assert curve(np.full(band.pixels.size, 255.0), band, 8) == pytest.approx(np.full(8, 255.0))


def test_no_pixels_tell_nothing():
    band = Band.of(Placed.of(rectangle(200, 64)), Geometry(), 32)
    none = band.only(np.zeros(band.pixels.size, np.bool_))
    assert np.abs(brightness(np.empty(0), none)).max() == 0
    assert curve(np.empty(0), none, 8).max() == 0
