"""Text that is burned into the image: strokes that are bright, thin and crowded, some upright and some level, as no echo is."""

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.frame import Grey

LARGEST = 1000
"""Longer sides are reduced below it: letters grow with the picture they are in."""
STROKE = 1 / 120
"""Width of a stroke, relative to the frame's longer side."""
BRIGHT, STEP = 170, 80
"""Grey level of text, and how far it stands out on both sides."""
RINGING = 0.08
"""In the uppermost rows, of so large a share, letters are not looked for: the ringing of an array in air has strokes of its own."""
CELL = 8
"""Side of the cells in which strokes are counted, in strokes."""
CELLS = 3
"""So many cells with the most strokes speak for the frame: the shortest text, a zone's name, covers as many."""


def text(pixels: Grey) -> float:
    """Share of the most crowded cells of (rows, columns) grey that is upright and level strokes.

    Speckle has none, and slanted echoes count as neither.
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
    """How many are set in each whole cell."""
    down, across = flags.shape[0] // cell, flags.shape[1] // cell
    row, column = np.divmod(np.flatnonzero(flags[: down * cell, : across * cell]), across * cell)
    return np.bincount(row // cell * across + column // cell, minlength=down * across)
