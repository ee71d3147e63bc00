"""The share in a frame, on hand-made pictures and class maps of which it is known exactly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.feedback.pleura.line import PleuralLine, find_line
from edge.feedback.pleura.share import LITTLE_PLEURA, NO_CONTRAST, frame_share
from edge.vision.beams import DEPTHS, LINES
from tests.edge.feedback.pleura.hand_made import PLEURA, class_map, picture

EDGE = 2 / LINES
"""Neighbours of a beam are averaged, so a border can move by a beam."""


def share(grey, mapped):
    return frame_share(find_line(grey), mapped, grey)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_quarter_a_half_and_three_quarters_are_measured(quarters):
    b_lines = range(quarters * LINES // 4)
    assert share(picture(b_lines), class_map(b_lines)).share == pytest.approx(quarters / 4, abs=EDGE)


def test_confluent_b_lines_below_the_whole_line_are_all_of_it():
    every = range(LINES)
    assert share(picture(every), class_map(every)).share == 1


def test_the_known_line_of_a_known_map_gives_the_exact_share():
    line = PleuralLine(np.full(LINES, PLEURA), np.ones(LINES, np.bool_))
    grey = np.full((LINES, DEPTHS), 140, np.uint8)
    grey[:, PLEURA - 1 : PLEURA + 2] = 220
    found = [frame_share(line, class_map(range(count)), grey).share for count in (0, 16, 32, 64)]
    assert found == [0, 0.25, 0.5, 1]


def test_beams_behind_ribs_and_in_gaps_do_not_count():
    """Half of what is seen of the line has B-lines, whatever is hidden."""
    b_lines, ribs, gaps = range(32), range(10, 20), range(44, 54)
    found = share(picture(b_lines, ribs=ribs, gaps=gaps), class_map(b_lines))
    assert found.share == pytest.approx(0.5, abs=2 * EDGE)


def test_bright_lung_that_the_map_does_not_take_for_b_lines_does_not_count():
    assert share(picture(range(32)), class_map([])).share == 0


def test_a_map_that_spills_over_is_cut_to_the_beams_that_stand_out():
    assert share(picture(range(16)), class_map(range(32))).share == pytest.approx(0.25, abs=EDGE)


def test_a_map_without_anything_to_see_in_the_picture_gives_no_share():
    found = share(picture(), class_map(range(LINES)))
    assert (found.share, found.code) == (None, NO_CONTRAST)


def test_too_little_of_the_line_gives_no_share():
    found = share(picture(gaps=range(50)), class_map([]))
    assert (found.share, found.code) == (None, LITTLE_PLEURA)


def test_the_share_does_not_depend_on_the_side():
    grey, mapped = picture(range(20)), class_map(range(20))
    assert share(grey[::-1], mapped[::-1]).share == share(grey, mapped).share


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.floats(-60, 60))
def test_any_picture_and_any_map_give_a_share_or_a_reason(seed, logit):
    made = np.random.default_rng(seed)
    grey = made.integers(0, made.integers(1, 257), (LINES, DEPTHS), np.uint8)
    found = share(grey, made.normal(logit, 3, (LINES, DEPTHS)).astype(np.float32))
    assert (found.share is None) == bool(found.code)
    assert found.share is None or 0 <= found.share <= 1


@settings(deadline=None, max_examples=20)
@given(st.integers(0, LINES), st.integers(0, LINES))
def test_more_of_the_map_never_makes_less_of_the_share(one, other):
    few, many = sorted((one, other))
    grey = picture(range(LINES))
    assert share(grey, class_map(range(few))).share <= share(grey, class_map(range(many))).share
