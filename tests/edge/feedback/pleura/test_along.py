"""A plane of the class map along the beams: the value of the cell below each place of the frame."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.feedback.pleura.along import along
from edge.vision.beams import DEPTHS, LINES, Beams
from edge.vision.field import Field, field_of
from edge.vision.outline import Outline
from edge.vision.region import FoundBy, Region, region_of
from firmware_bridge.virtual_probe.chest import Chest

SIDE = 280


def whole():
    return Beams.of(Region(np.ones((SIDE, SIDE), np.bool_), FoundBy.NOTHING, Outline.whole(SIDE)))


def test_columns_of_a_map_are_beams_of_a_linear_scan():
    plane = np.zeros((40, 40), np.float32)
    plane[:, :10] = 8
    found = along(plane, Field(0, 0, SIDE, SIDE), whole(), SIDE)
    assert found.shape == (LINES, DEPTHS)
    assert (found[:15] == 8).all()
    assert (found[17:] == 0).all()


def test_a_column_of_a_map_is_no_beam_of_a_fan():
    """A beam at the edge of a fan goes outwards, so it crosses columns of the map."""
    chest = Chest(0)
    region = region_of(chest.geometry, 350, 350)
    plane = np.tile(np.arange(7, dtype=np.float32), (7, 1))
    found = along(plane, field_of(chest.geometry, region), Beams.of(region), 350)
    assert (np.diff(found[0]) <= 0).all()
    assert found[0, 0] - found[0, DEPTHS // 2] > 0.8
    assert np.ptp(found[LINES // 2]) < 0.5


def test_between_the_centres_of_cells_the_map_is_even():
    plane = np.tile(np.arange(4, dtype=np.float32), (4, 1))
    found = along(plane, Field(0, 0, SIDE, SIDE), whole(), SIDE)
    assert (np.diff(found[:, 0]) >= 0).all()
    assert np.diff(found[:, 0]).max() < 4 / LINES * 1.5


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 9), st.integers(1, 9), st.floats(-500, 500), st.floats(-500, 500), st.floats(1, 2000))
def test_no_value_is_beyond_those_of_the_map(rows, columns, left, top, side):
    plane = np.random.default_rng(rows).normal(0, 5, (rows, columns)).astype(np.float32)
    found = along(plane, Field(left, top, side, side), whole(), SIDE)
    assert np.isfinite(found).all()
    assert found.min() >= plane.min() - 1e-4
    assert found.max() <= plane.max() + 1e-4
