"""One plane of a class map along the beams of its frame: the scan's own geometry, not image columns."""

import numpy as np
from numpy.typing import NDArray

from edge.vision.beams import Beams
from edge.vision.field import Field

Plane = NDArray[np.float32]


def along(plane: Plane, field: Field, beams: Beams, columns: int) -> Plane:
    """(LINES, DEPTHS) values of a plane (map rows, map columns) that covers `field`, bilinear between the centres of its cells.

    `columns` is the width of the frame in pixels. Outside the field the nearest cell counts.
    """
    row, column = np.divmod(beams.where, columns)
    down, step_down = _between(row, field.top, field.height, plane.shape[0])
    across, step_across = _between(column, field.left, field.width, plane.shape[1])
    below, right = np.minimum(down + 1, plane.shape[0] - 1), np.minimum(across + 1, plane.shape[1] - 1)
    upper = plane[down, across] * (1 - step_across) + plane[down, right] * step_across
    lower = plane[below, across] * (1 - step_across) + plane[below, right] * step_across
    return np.asarray(upper * (1 - step_down) + lower * step_down, np.float32)


def _between(pixels: NDArray[np.intp], start: float, length: float, cells: int) -> tuple[NDArray[np.intp], Plane]:
    """For each pixel the cell before it and the distance beyond the centre of that cell, 0 to 1."""
    place = np.clip((pixels + 0.5 - start) / length * cells - 0.5, 0, cells - 1)
    first = np.floor(place).astype(np.intp)
    return first, np.asarray(place - first, np.float32)
