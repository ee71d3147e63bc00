from dataclasses import replace

import numpy as np
import pytest

from edge.vision.look import EVERY, REMEMBERED, Look
from edge.vision.standardise import Standardiser
from edge.vision.texture import FEATURES
from firmware_bridge.frame import Frame
from firmware_bridge.machine import UNKNOWN_MACHINE, Machine
from firmware_bridge.virtual_probe.chest import Chest

LUMIFY = Machine("Philips", "Lumify")
MEAN_GREY = np.eye(FEATURES)[-3]
"""The weights of a look that only measures the mean grey of the deepest band."""
DARK = Look(LUMIFY, -MEAN_GREY, 0.0, -0.2)
"""A machine whose deepest quarter has a mean grey below 0.2 x 64."""
SIDE = 160


@pytest.fixture(scope="module")
def pixels():
    dark = Chest(2, size=240).image(0.0)
    bright = dark.copy()
    bright[120:] = np.maximum(bright[120:], 120)
    return {"dark": dark, "bright": bright}


@pytest.fixture
def watched(pixels):
    """Returns whether the machine of each frame is doubted."""
    standardiser = Standardiser(SIDE, (DARK,))

    def watch(kind, count, machine=LUMIFY, **changes):
        frames = (replace(Frame(pixels[kind], number, 0, 0, machine=machine), **changes) for number in range(count))
        return [standardiser.prepare(frame).frame.machine.doubted for frame in frames]

    return watch


def test_frames_that_look_like_their_machine_are_not_doubted(watched):
    assert not any(watched("dark", 2 * EVERY))


def test_a_wrong_statement_is_noticed_at_the_first_frame(watched):
    assert all(watched("bright", 2 * EVERY))


def test_a_few_odd_frames_do_not_raise_a_doubt_and_many_do(watched):
    watched("dark", EVERY * REMEMBERED)
    assert not any(watched("bright", EVERY))
    assert watched("bright", EVERY * REMEMBERED)[-1]


def test_the_doubt_ends_when_the_images_fit_again(watched):
    assert watched("bright", EVERY)[-1]
    assert not watched("dark", EVERY * REMEMBERED)[-1]


def test_another_machine_begins_anew(watched):
    assert watched("bright", EVERY)[-1]
    assert not watched("dark", 1, replace(LUMIFY, probe="S4-1"))[-1]


@pytest.mark.parametrize("machine", [UNKNOWN_MACHINE, Machine("Clarius", "C3")])
def test_a_machine_without_a_look_is_never_doubted(watched, machine):
    assert not any(watched("bright", EVERY, machine))


def test_simulated_frames_are_never_doubted(watched):
    assert not any(watched("bright", EVERY, simulated=True))
