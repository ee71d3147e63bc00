"""Beams of fans and rectangles, reported and found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.beams import DEPTHS, LINES, Beams
from edge.vision.outline import Edge, Outline
from edge.vision.region import FoundBy, Region, region_of
from firmware_bridge.virtual_probe.chest import Chest

CHEST = Chest(0, size=400)
FAN = region_of(CHEST.geometry, 400, 400)
RECTANGLE = Region(np.ones((200, 300), np.bool_), FoundBy.NOTHING, Outline.whole(300))


def test_a_fan_lies_straight_along_its_beams():
    lines = np.zeros((128, CHEST.samples), np.uint8)
    lines[:, 100:110] = 200
    beams = Beams.of(FAN)
    lit = beams.along(CHEST.converted(lines)) > 100
    depth = np.flatnonzero(lit.any(axis=0))
    assert lit[:, depth].mean() > 0.8
    assert abs(depth.mean() / DEPTHS - 105 / CHEST.samples) < 0.02


def test_lines_run_from_the_left_edge_to_the_right_one():
    lines = np.zeros((128, CHEST.samples), np.uint8)
    lines[:32] = 200
    along = Beams.of(FAN).along(CHEST.converted(lines))
    assert along[: LINES // 4 - 1].mean() > 180
    assert along[LINES // 4 + 1 :].mean() < 10


def test_a_rectangle_is_only_reduced():
    ramp = np.broadcast_to(np.arange(200, dtype=np.uint8)[:, None], (200, 300)).copy()
    along = Beams.of(RECTANGLE).along(ramp)
    assert along.shape == (LINES, DEPTHS)
    assert (np.diff(along.astype(int), axis=1) >= 0).all()
    assert along[0, 0] == 0
    assert along[-1, -1] == 199


def test_what_is_no_ultrasound_is_black():
    beams = Beams.of(FAN)
    assert beams.valid.mean() > 0.9
    assert not beams.along(np.full((400, 400), 255, np.uint8))[~beams.valid].any()


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 500)])
def test_the_smallest_frames_have_beams(size):
    region = Region(np.ones(size, np.bool_), FoundBy.NOTHING, Outline.whole(size[1]))
    assert Beams.of(region).along(np.full(size, 9, np.uint8)).max() == 9


numbers = st.floats(-1e9, 1e9)


edges = st.builds(Edge, numbers, st.floats(-5, 5))


@given(st.builds(Outline, edges, edges, st.none() | numbers, st.none() | numbers))
def test_any_outline_points_into_the_frame(outline):
    beams = Beams.of(Region(np.ones((50, 60), np.bool_), FoundBy.PIXELS, outline))
    assert ((beams.where >= 0) & (beams.where < 3000)).all()
