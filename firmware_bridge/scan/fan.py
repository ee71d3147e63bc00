"""The fan that a geometry places in an image."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.frame import Geometry

Positions = NDArray[np.float64]


class Fan(NamedTuple):
    """A geometry with every figure that places its lines; see `Geometry` for the units."""

    mm_per_px: tuple[float, float]
    apex_px: tuple[float, float]
    radii_mm: tuple[float, float]
    angles_deg: tuple[float, float]

    @classmethod
    def of(cls, geometry: Geometry) -> "Fan | None":
        """None where the geometry places no fan; a linear geometry states only the size of a pixel."""
        if geometry.mm_per_px is None or geometry.apex_px is None or geometry.radii_mm is None or geometry.angles_deg is None:
            return None
        return cls(geometry.mm_per_px, geometry.apex_px, geometry.radii_mm, geometry.angles_deg)

    def polar(self, rows: int, columns: int) -> tuple[Positions, Positions]:
        """(degrees from straight down, mm from the apex) of each pixel of a (rows, columns) image."""
        row, column = np.ogrid[:rows, :columns]
        x, y = (column - self.apex_px[0]) * self.mm_per_px[0], (row - self.apex_px[1]) * self.mm_per_px[1]
        return np.degrees(np.arctan2(x, y)), np.hypot(x, y)
