"""The field: the square of tissue that the network sees, of one size in millimetres from every machine whose scale is known.

Without a known scale the field is the bounding square of the ultrasound: the same share of every picture.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from edge.vision.region import Region
from firmware_bridge.frame import Geometry, Grey

SIDE_MM = 100.0
"""What a lung preset shows: the chest wall, the pleura and two or three of its repetitions. The clips that the network was trained on show
about as much; the curve of their array tells."""
PLAUSIBLE_MM_PER_PX = (0.01, 2.0)
"""A scale outside these limits is an error of its source and counts as unknown."""


@dataclass(frozen=True, slots=True)
class Field:
    """In pixels of the frame; the field may reach beyond the frame; `side_mm` is None where the scale is not known."""

    left: float
    top: float
    width: float
    height: float
    side_mm: float | None = None


def field_of(geometry: Geometry, region: Region) -> Field:
    """The field of a frame: from the top of its ultrasound downwards if the scale is known, else around all of its ultrasound."""
    left, top, right, bottom = region.box
    middle = (left + right) / 2
    if geometry.mm_per_px is not None and all(PLAUSIBLE_MM_PER_PX[0] <= mm <= PLAUSIBLE_MM_PER_PX[1] for mm in geometry.mm_per_px):
        width, height = (SIDE_MM / float(mm) for mm in geometry.mm_per_px)
        return Field(middle - width / 2, top, width, height, SIDE_MM)
    side = max(right - left, bottom - top)
    return Field(middle - side / 2, (top + bottom - side) / 2, side, side)


def cut_out(pixels: Grey, field: Field, side: int) -> Grey:
    """The field of (rows, columns) grey pixels as a (side, side) square, bilinear with antialiasing; black where there is no frame."""
    rows, columns = pixels.shape
    left, right, x, width = _shared(field.left, field.width, columns, side)
    top, bottom, y, height = _shared(field.top, field.height, rows, side)
    square = np.zeros((side, side), np.uint8)
    if right > left and bottom > top:
        picture = Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR, box=(left, top, right, bottom))
        square[y : y + height, x : x + width] = np.asarray(picture)
    return square


def _shared(start: float, length: float, pixels: int, side: int) -> tuple[float, float, int, int]:
    """Along one axis: the start and the end of the overlap of field and frame in the frame, and its start and length in the square."""
    low, high = max(0.0, start), min(float(pixels), start + length)
    scale = side / length
    first = min(side - 1, round((low - start) * scale))
    count = min(side - first, max(1, round((high - low) * scale)))
    return low, high, first, count
