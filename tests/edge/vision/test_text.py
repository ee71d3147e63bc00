"""Letters burned into simulated chests, and what only looks like letters."""

import numpy as np
import pytest

from edge.vision.quality import checks
from edge.vision.text import text
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

LIMIT = next(check.high for check in checks() if check.code == "TEXT_IN_IMAGE")


@pytest.mark.parametrize("words", ["R2", "DOE^JANE", "Mary Miller 1970"])
@pytest.mark.parametrize("size", [240, 480, 960])
def test_letters_are_seen_at_any_size(words, size):
    assert text(Chest(3, size=size, faults=Faults(text=words)).image(0.5)) > LIMIT


@pytest.mark.parametrize("b_lines", [0, 3, 7])
@pytest.mark.parametrize("size", [240, 480, 960])
def test_a_chest_has_none(b_lines, size):
    assert text(Chest(b_lines, size=size).image(0.5)) < LIMIT


def test_slanted_lines_are_none():
    y, x = np.mgrid[:400, :400]
    assert text(np.where((y + x) % 12 < 4, 255, 0).astype(np.uint8)) < LIMIT


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (40, 40), (4320, 7680)])
def test_one_colour_has_none(shape):
    for grey in (0, 128, 255):
        assert text(np.full(shape, grey, np.uint8)) == 0
