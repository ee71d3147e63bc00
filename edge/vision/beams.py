"""A frame along its beams: (lines, depths) as the array sent them, for any shape of the fan."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from edge.vision.region import Region
from firmware_bridge.frame import Grey

LINES, DEPTHS = 64, 128


@dataclass(frozen=True, slots=True, eq=False)
class Beams:
    """Where each (line, depth) lies in the pixels of a frame, and whether that pixel is ultrasound."""

    where: NDArray[np.intp]
    valid: NDArray[np.bool_]

    @classmethod
    def of(cls, region: Region) -> Self:
        """Lines evenly from the left edge to the right one, depths evenly from the array to the bottom."""
        rows, columns = region.mask.shape
        outline = region.outline
        x0, y0 = outline.apex
        near = outline.near if outline.near is not None else -y0
        far = outline.far if outline.far is not None else rows - 1 - y0
        slopes = np.arctan([outline.left.slope, outline.right.slope])
        if near > 10 * rows:  # parallel edges: lines side by side
            across = np.linspace(outline.left.at + 0.5, outline.right.at - 0.5, LINES)[:, None]
            x, y = np.broadcast_arrays(across, np.linspace(near, far, DEPTHS)[None, :] + y0)
        else:
            inset = (slopes[1] - slopes[0]) / (2 * LINES)
            angle = np.linspace(slopes[0] + inset, slopes[1] - inset, LINES)[:, None]
            radius = np.linspace(near, far, DEPTHS)[None, :]
            x, y = x0 + radius * np.sin(angle), y0 + radius * np.cos(angle)
        column, row = np.rint(np.clip(x, -1, columns)).astype(np.intp), np.rint(np.clip(y, -1, rows)).astype(np.intp)
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        where = np.where(inside, row * columns + column, 0)
        return cls(where, inside & region.mask.ravel()[where])

    def along(self, pixels: Grey) -> Grey:
        """(LINES, DEPTHS) grey of a frame; black where it shows no ultrasound."""
        return np.asarray(pixels.ravel()[self.where] * self.valid, np.uint8)
