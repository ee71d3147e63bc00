"""From the stored pixels of any file to the picture that a person sees: square pixels, the right way up.

A file format finds out the shape of a pixel and the turn; the rest is here, so that all formats do it in the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from firmware_bridge.frame import Grey

Step = Literal["transpose", "left-right", "up-down"]
Turn = tuple[Step, ...]
"""The steps that put a picture upright, always in the order transpose, left-right, up-down."""

EXIF_TURNS: Mapping[int, Turn] = {
    2: ("left-right",),
    3: ("left-right", "up-down"),
    4: ("up-down",),
    5: ("transpose",),
    6: ("transpose", "left-right"),
    7: ("transpose", "left-right", "up-down"),
    8: ("transpose", "up-down"),
}
"""The orientations of EXIF 2.32 (CIPA DC-008, tag 274) that are not upright already."""

LONGEST = 4.0
"""A pixel that is longer than this is an error of its file, and counts as square."""
SQUARE = 1.01
"""A pixel that is not longer than this is square: its resampling would only blur the picture."""


@dataclass(frozen=True, slots=True)
class PixelShape:
    """The width and the height of one stored pixel, in any unit that both share."""

    width: float = 1.0
    height: float = 1.0

    @property
    def stretch(self) -> tuple[float, float]:
        """The factors (across, down) that make the pixels square. They only enlarge, so that no detail is lost.

        A scale in millimetres of the stored pixels is divided by them.
        """
        short, long = sorted((self.width, self.height))
        if not (short > 0 and short * SQUARE < long <= short * LONGEST):
            return 1.0, 1.0
        return (long / short, 1.0) if self.width == long else (1.0, long / short)

    def squared(self, pixels: Grey) -> Grey:
        """(rows, columns) with square pixels; bilinear along the axis that is enlarged."""
        across, down = self.stretch
        rows, columns = pixels.shape
        size = round(columns * across), round(rows * down)
        return pixels if size == (columns, rows) else np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))


def turned(pixels: Grey, turn: Turn) -> Grey:
    """The picture (rows, columns) after these steps."""
    if "transpose" in turn:
        pixels = pixels.T
    if "left-right" in turn:
        pixels = pixels[:, ::-1]
    if "up-down" in turn:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def turn_of_matrix(matrix: Sequence[int]) -> Turn:
    """The turn of a display matrix of ISO/IEC 14496-12: nine numbers a b u c d v x y w.

    They place the pixel (p, q) at (a p + c q + x, b p + d q + y). The nearest quarter turn counts; all zeros turn nothing.
    """
    a, b, _, c, d = matrix[:5]
    crossed = abs(b) + abs(c) > abs(a) + abs(d)
    across, down = (c, b) if crossed else (a, d)
    steps: dict[Step, bool] = {"transpose": crossed, "left-right": across < 0, "up-down": down < 0}
    return tuple(step for step, needed in steps.items() if needed)
