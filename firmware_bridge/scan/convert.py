"""Scan conversion: from (lines, samples) in the probe's own coordinates to an image with the proportions of the tissue.

The map from each pixel to its four nearest samples is made once; a frame is then one gather and one weighted sum (bilinear). The four
samples are neighbours, so the map stores for each pixel one index and the distance beyond it: 16 bytes, for small computers.
"""

import math

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.frame import Geometry, Grey, Shape
from firmware_bridge.scan.fan import Fan, Positions

Weights = NDArray[np.float32]

FANS = (Shape.CURVILINEAR, Shape.SECTOR)
"""A sector is a fan whose lines start at one point: its near radius may be 0."""
MOST_SAMPLES = 2**31 - 1
MOST_PIXELS = 16 * 1024 * 1024
"""The geometry decides the size of a fan's image; a wrong geometry must not take the host's memory."""


class ScanConverter:
    """Converts frames of one geometry. Lines run from the left angle to the right, samples from the near radius to the far."""

    def __init__(self, geometry: Geometry, lines: int, samples: int, rows: int | None = None, columns: int | None = None) -> None:
        """Makes the map; without `rows` and `columns` the image is just large enough for the fan, symmetric about the apex.

        Raises:
            ValueError: fewer than two lines or samples, or far too many; a fan with a missing figure; an image above `MOST_PIXELS`.
        """
        if lines < 2 or samples < 2 or lines * samples > MOST_SAMPLES:
            raise ValueError(f"{lines} lines of {samples} samples do not make an image")
        if geometry.shape is Shape.LINEAR:
            line, sample = _linear(lines, samples, rows or samples, columns or lines)
        elif geometry.shape in FANS:
            line, sample = _fan(geometry, lines, samples, rows, columns)
        else:
            raise ValueError("the geometry is unknown")
        self.shape = line.shape
        inside = (line >= 0) & (line <= lines - 1) & (sample >= 0) & (sample <= samples - 1)
        self._pixels = np.flatnonzero(inside).astype(np.int32)
        self._samples = samples
        self._first, self._across, self._down = _bilinear(line[inside], sample[inside], lines, samples)

    def convert(self, lines: Grey) -> Grey:
        """(lines, samples) grey to a new image (rows, columns), which is black outside the fan."""
        flat = lines.ravel()
        near = self._between(flat)
        near += self._across * (self._between(flat[self._samples :]) - near)
        near += 0.5
        image = np.zeros(self.shape, np.uint8)
        image.reshape(-1)[self._pixels] = near
        return image

    def _between(self, flat: Grey) -> Weights:
        """For each pixel the value between two samples of one line."""
        # mode="clip" checks no index; no check is needed, as all indices of the map are valid.
        upper = np.take(flat, self._first, mode="clip").astype(np.float32)
        upper += self._down * (np.take(flat[1:], self._first, mode="clip") - upper)
        return upper


def _linear(lines: int, samples: int, rows: int, columns: int) -> tuple[Positions, Positions]:
    _check(rows, columns)
    row, column = np.mgrid[0:rows, 0:columns].astype(float)
    return column * (lines - 1) / max(1, columns - 1), row * (samples - 1) / max(1, rows - 1)


def _fan(geometry: Geometry, lines: int, samples: int, rows: int | None, columns: int | None) -> tuple[Positions, Positions]:
    fan = Fan.of(geometry)
    if fan is None:
        raise ValueError("the geometry of a fan needs mm_per_px, apex_px, radii_mm and angles_deg")
    (across, down), (apex_x, apex_y), (near, far), (left, right) = fan
    if not (across > 0 and down > 0 and far > near >= 0 and right > left):
        raise ValueError("the geometry of a fan needs positive spacings, and radii and angles in rising order")
    rows, columns = rows or _whole(apex_y + far / down) + 1, columns or _whole(2 * apex_x) + 1
    _check(rows, columns)
    angle, radius = fan.polar(rows, columns)
    return (angle - left) / (right - left) * (lines - 1), (radius - near) / (far - near) * (samples - 1)


def _whole(pixels: float) -> int:
    """Leaves impossible numbers to `_check`, which refuses them."""
    return round(min(max(pixels, -1.0), float(MOST_PIXELS))) if math.isfinite(pixels) else MOST_PIXELS


def _check(rows: int, columns: int) -> None:
    if rows < 1 or columns < 1 or rows * columns > MOST_PIXELS:
        raise ValueError(f"the geometry asks for an image of {rows} x {columns} pixels")


def _bilinear(line: Positions, sample: Positions, lines: int, samples: int) -> tuple[NDArray[np.int32], Weights, Weights]:
    """For each pixel the flat index of the sample before it, and its distance towards the next line and the next sample, 0 to 1."""
    i, j = np.minimum(line.astype(np.intp), lines - 2), np.minimum(sample.astype(np.intp), samples - 2)
    return (i * samples + j).astype(np.int32), (line - i).astype(np.float32), (sample - j).astype(np.float32)
