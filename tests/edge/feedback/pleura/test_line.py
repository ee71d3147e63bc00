"""The pleural line along the beams: found where it is, not on ribs, and not where nothing shows it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.feedback.pleura.line import DEEPEST, SHALLOWEST, find_line
from edge.vision.beams import DEPTHS, LINES, Beams
from edge.vision.region import region_of
from firmware_bridge.virtual_probe.chest import DESCENT_MM, PLEURA_MM, RIBS, Chest
from tests.edge.feedback.pleura.hand_made import PLEURA, picture


def test_the_line_is_found_on_every_beam_of_a_plain_picture():
    line = find_line(picture())
    assert line.seen.all()
    assert np.abs(line.depth - PLEURA).max() <= 1


def test_the_line_runs_on_behind_a_rib_but_is_not_seen_there():
    ribs = range(20, 28)
    line = find_line(picture(ribs=ribs))
    assert not line.seen[21:27].any()
    assert line.seen[:19].all()
    assert line.seen[29:].all()


def test_a_gap_in_the_line_is_not_seen():
    line = find_line(picture(gaps=range(40, 50)))
    assert not line.seen[41:49].any()
    assert line.share_seen == pytest.approx(54 / 64, abs=2 / 64)


@pytest.mark.parametrize("level", [0, 60, 255])
def test_an_even_picture_shows_no_line(level):
    assert find_line(np.full((LINES, DEPTHS), level, np.uint8)).share_seen == 0


@pytest.mark.parametrize("b_lines", [0, 3, 8])
def test_the_line_of_the_simulated_chest_is_where_it_is_drawn(b_lines):
    chest = Chest(b_lines)
    grey = Beams.of(region_of(chest.geometry, 350, 350)).along(chest.image(0.0))
    line = find_line(grey)
    across = np.linspace(-1, 1, LINES)
    clear = line.seen & (np.abs(across) < min(map(abs, RIBS)) - 0.2)
    depth_mm = line.depth[clear] / (DEPTHS - 1) * chest.depth_mm
    assert clear.sum() > LINES / 3
    assert np.abs(depth_mm - PLEURA_MM).max() < DESCENT_MM + 2.5


def test_a_repetition_of_the_line_at_twice_its_depth_is_not_taken_for_it():
    chest = Chest(0, size=200, seed=7)
    line = find_line(Beams.of(region_of(chest.geometry, 200, 200)).along(chest.image(2.6)))
    assert np.median(line.depth) / (DEPTHS - 1) * chest.depth_mm == pytest.approx(PLEURA_MM, abs=DESCENT_MM + 2.5)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_any_picture_has_one_path_within_the_limits_without_jumps(seed):
    line = find_line(np.random.default_rng(seed).integers(0, 256, (LINES, DEPTHS), np.uint8))
    assert line.depth.min() >= SHALLOWEST
    assert line.depth.max() < DEEPEST
    assert np.abs(np.diff(line.depth)).max() <= 1
    assert 0 <= line.share_seen <= 1
