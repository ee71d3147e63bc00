import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.field import SIDE_MM, Field, cut_out, field_of
from edge.vision.outline import Outline
from edge.vision.region import FoundBy, Region, region_of
from firmware_bridge.frame import Geometry
from firmware_bridge.virtual_probe.chest import Chest


def whole(rows, columns):
    return Region(np.ones((rows, columns), np.bool_), FoundBy.NOTHING, Outline.whole(columns))


@pytest.mark.parametrize("chest", [Chest(size=350), Chest(size=640, depth_mm=90), Chest(size=480, depth_mm=180)])
def test_a_known_scale_gives_the_same_millimetres_of_every_machine(chest):
    region = region_of(chest.geometry, chest.size, chest.size)
    field = field_of(chest.geometry, region)
    mm = chest.geometry.mm_per_px[0]
    assert field.side_mm == SIDE_MM
    assert field.width * mm == pytest.approx(SIDE_MM)
    assert field.height * mm == pytest.approx(SIDE_MM)
    assert field.top == region.box[1]


def test_pixels_that_are_not_square_give_a_field_that_is_square_in_tissue():
    field = field_of(Geometry(mm_per_px=(0.5, 0.25)), whole(400, 400))
    assert (field.width, field.height) == (200, 400)


@pytest.mark.parametrize("mm", [None, (0.0, 0.2), (-0.2, 0.2), (float("nan"), 0.2), (float("inf"), 0.2), (50.0, 50.0)])
def test_a_scale_that_is_unknown_or_nonsense_gives_the_bounding_square(mm):
    field = field_of(Geometry(mm_per_px=mm), whole(300, 400))
    assert field == Field(0, -50, 400, 400)


@given(st.integers(1, 400), st.integers(1, 400))
def test_any_frame_fits_the_square_centred_and_in_proportion(rows, columns):
    square = cut_out(np.full((rows, columns), 200, np.uint8), field_of(Geometry(), whole(rows, columns)), 224)
    assert square.shape == (224, 224)
    lit_rows, lit_columns = square.any(axis=1), square.any(axis=0)
    assert max(lit_rows.sum(), lit_columns.sum()) == 224
    assert abs(int(lit_rows.sum()) - rows * 224 / max(rows, columns)) <= 1
    for lit in (lit_rows, lit_columns):
        where = np.flatnonzero(lit)
        assert abs(where[0] - (223 - where[-1])) <= 1


far = st.floats(-1e6, 1e6)


@given(far, far, st.floats(1e-3, 1e6), st.floats(1e-3, 1e6))
def test_any_field_gives_a_square_that_is_black_where_there_is_no_frame(left, top, width, height):
    square = cut_out(np.full((30, 40), 200, np.uint8), Field(left, top, width, height), 64)
    assert square.shape == (64, 64)
    if left >= 40 or top >= 30 or left + width <= 0 or top + height <= 0:
        assert not square.any()
