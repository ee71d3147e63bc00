"""What may change in a ward, made in the frames of its clips before they are read. The settings that a frame states stay the same."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

import numpy as np
from PIL import Image, ImageFilter

from edge.probe.elements import Placed
from edge.vision.field import SIDE_MM
from edge.vision.level import SHARES
from edge.vision.region import RegionFinder
from firmware_bridge.frame import Frame, Grey
from firmware_bridge.virtual_probe.faults import Faults
from firmware_bridge.virtual_probe.tissue import LINES

GREY_A_DB = 255 / 60
"""Grey levels a dB: a machine shows about 60 dB in 8 bits (ours; the manufacturers do not publish it)."""
DEAD = (30, 55, 80, 101)
"""Four elements of 128, apart from each other: the hardest to see."""
SAMPLES = 256
"""Of a beam, for the loss of the dead elements."""
GAMMA, SMOOTHED_PX = 0.8, 1.0
"""The other machine of the simulated chest shows dark echoes brighter, and less speckle."""
FARTHEST_DB = -60.0


class Change(str, Enum):
    """A kind of shift, by its name in the figures."""

    LESS_GAIN = "3_db_less_gain"
    MORE_GAIN = "3_db_more_gain"
    DEAD = "4_dead_elements"
    MACHINE = "new_machine"
    PREVALENCE = "doubled_prevalence"


GAINS_DB = {Change.LESS_GAIN: -3.0, Change.MORE_GAIN: 3.0}


def with_gain(frames: Sequence[Frame], db: float) -> list[Frame]:
    """Grey is the logarithm of an echo, so each level moves by as much; black stays black."""
    levels = np.arange(256) + db * GREY_A_DB * SHARES
    table = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return [replace(frame, pixels=table[frame.pixels]) for frame in frames]


def with_dead_elements(frames: Sequence[Frame]) -> list[Frame]:
    """The beams of the `DEAD` elements are darker, most near the array, by the model of the simulated probe.

    The depth of an export without a scale is taken as that of a lung preset.
    """
    placed = _placed(frames)
    depths = np.linspace(0, SIDE_MM, SAMPLES)[None]
    lost_db = 20 * np.log10(np.maximum(Faults(dead=DEAD).echo(np.ones((LINES, SAMPLES)), depths, 1.0, depths), 10 ** (FARTHEST_DB / 20)))
    line = np.rint(placed.across * (LINES - 1)).astype(np.intp)
    sample = np.rint(np.clip(placed.depth / placed.deepest, 0, 1) * (SAMPLES - 1)).astype(np.intp)
    lost = np.zeros(frames[0].pixels.size)
    lost[placed.pixels] = lost_db[line, sample] * GREY_A_DB
    return [replace(frame, pixels=_darker(frame.pixels, lost.reshape(frame.pixels.shape))) for frame in frames]


def by_another_machine(frames: Sequence[Frame]) -> list[Frame]:
    """The simulated chest after the processing of another machine."""
    table = (255 * (np.arange(256) / 255) ** GAMMA).astype(np.uint8)
    smooth = ImageFilter.GaussianBlur(SMOOTHED_PX)
    return [replace(frame, pixels=np.asarray(Image.fromarray(table[frame.pixels]).filter(smooth))) for frame in frames]


def _placed(frames: Sequence[Frame]) -> Placed:
    """Where the beams lie, as all frames together show it."""
    finder = RegionFinder()
    return Placed.of([finder.find(frame) for frame in frames][-1])


def _darker(pixels: Grey, lost: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Grey:
    return np.asarray(np.clip(np.rint(pixels + lost), 0, 255), np.uint8)
