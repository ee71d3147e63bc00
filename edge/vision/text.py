"""Text burned into the image: bright, thin, crowded strokes, some upright and some level. No echo looks like this."""

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.frame import Grey

LARGEST = 1000
"""A longer side is reduced below this: letters grow with their picture."""
STROKE = 1 / 120
"""Width of a stroke, relative to the frame's longer side."""
BRIGHT, STEP = 170, 80
"""The grey level of text, and its contrast on both sides."""
RINGING = 0.08
"""The top rows, this share of them, are not searched for letters: the ringing of an array in air looks like strokes."""
CELL = 8
"""Side of the cells in which strokes are counted, in strokes."""
CELLS = 3
"""This many cells with the most strokes count: the shortest text, the name of a zone, covers as many."""


def text(pixels: Grey) -> float:
    """The share of strokes in the most crowded cells of (rows, columns) grey that are upright or level.

    Speckle has no strokes, and slanted echoes are neither upright nor level.
    """
    coarse = -(-max(pixels.shape) // LARGEST)
    pixels = pixels[round(RINGING * pixels.shape[0]) :: coarse, ::coarse]
    stroke = max(2, round(max(pixels.shape) * STROKE))
    cell = CELL * stroke
    if min(pixels.shape) < cell + 2 * stroke:
        return 0.0
    inner = slice(stroke, -stroke)
    before, after = slice(None, -2 * stroke), slice(2 * stroke, None)
    middle = pixels[inner, inner]
    bright = middle >= BRIGHT
    dark = middle - np.uint8(STEP)
    level = bright & (pixels[before, inner] < dark) & (pixels[after, inner] < dark)
    upright = bright & (pixels[inner, before] < dark) & (pixels[inner, after] < dark)
    counts = [_counted(these, cell) for these in (level & ~upright, upright & ~level)]
    crowded = np.sort(np.minimum(*counts))[-CELLS:]
    return float(np.mean(crowded / (cell * cell)))


def _counted(flags: NDArray[np.bool_], cell: int) -> NDArray[np.intp]:
    """How many pixels are set in each whole cell."""
    down, across = flags.shape[0] // cell, flags.shape[1] // cell
    row, column = np.divmod(np.flatnonzero(flags[: down * cell, : across * cell]), across * cell)
    return np.bincount(row // cell * across + column // cell, minlength=down * across)
