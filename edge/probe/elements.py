"""The brightness of the picture close to each element of an array, against the rest of the array.

A dead element makes its beams darker, most strongly close to the array, where a beam uses few elements. A pixel between two elements
shows both, and one element shows in pixels at many depths. So least squares over all pixels of the band solve for the elements. That
separates neighbours even where a pixel is wider than an element.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from edge.vision.region import Region
from firmware_bridge.frame import Geometry

Numbers = NDArray[np.float64]

BAND_MM, BAND_SHARE = 10.0, 0.07
"""The depth of the band: in mm if the scale is known, else as a share of the depth shown."""
DEPTHS_A_PIXEL = 4
"""The rings of an array are finer than a pixel: the usual grey is computed for this many steps of depth in each pixel."""
SEEN = (20.0, 248.0)
"""Within these grey levels a change of echo is a change of grey: neither black nor saturated."""
FEWEST = 8
"""The fewest pixels for a median."""
NOISE = 3.0
"""The least unevenness at a depth, in grey levels."""
RIDGE = 0.02
"""The weight, in pixels, of the assumption that an element is like the rest: two elements that no pixel separates share their result."""
PLAUSIBLE_MM_PER_PX = (0.01, 2.0)


@dataclass(frozen=True, eq=False)
class Placed:
    """The places of a region's pixels.

    `pixels` are their flat indices, `across` runs from 0 at the left edge to 1 at the right, `depth` is in pixels below the
    array. The array is `length` pixels long and shows `deepest` pixels of depth; `straight` if its beams are parallel.
    """

    pixels: NDArray[np.intp]
    across: Numbers
    depth: Numbers
    length: float
    deepest: float
    straight: bool

    @classmethod
    def of(cls, region: Region) -> Self:
        outline, (rows, columns) = region.outline, region.mask.shape
        pixels = np.flatnonzero(region.mask)
        y, x = np.divmod(pixels, columns)
        x0, y0 = outline.apex
        near = outline.near if outline.near is not None else -y0
        far = outline.far if outline.far is not None else rows - 1 - y0
        straight = near > 10 * rows
        if straight:
            length = outline.right.at - outline.left.at
            across = (x - outline.left.at) / length
        else:
            left, right = np.arctan([outline.left.slope, outline.right.slope])
            length = near * (right - left)
            across = (np.arctan2(x - x0, y - y0) - left) / (right - left)
        return cls(pixels, np.clip(across, 0, 1), np.hypot(x - x0, y - y0) - near, float(length), far - near, straight)


@dataclass(frozen=True, eq=False)
class Band:
    """The pixels close to an array: `pixels` are flat indices, `element` (0 to elements - 1) and `depth` (pixels) their places.

    `reach` is the depth of the band; `pitch_mm` the distance of two elements, None if the scale is unknown.
    """

    pixels: NDArray[np.intp]
    element: Numbers
    depth: Numbers
    elements: int
    reach: float
    pitch_mm: float | None

    @classmethod
    def of(cls, placed: Placed, geometry: Geometry, elements: int) -> Self:
        scale = mm_per_px(geometry)
        reach = BAND_MM / scale if scale else BAND_SHARE * placed.deepest
        inside = (placed.depth >= 0) & (placed.depth <= reach)
        pitch_mm = placed.length * scale / (elements - 1) if scale else None
        return cls(placed.pixels[inside], placed.across[inside] * (elements - 1), placed.depth[inside], elements, reach, pitch_mm)

    def only(self, which: NDArray[np.bool_]) -> Self:
        """The band with only these pixels."""
        return replace(self, pixels=self.pixels[which], element=self.element[which], depth=self.depth[which])

    def each(self, weight: Numbers | None = None) -> Numbers:
        """(elements,) the number of pixels at each element, or the sum of their weights."""
        return np.asarray(np.bincount(np.rint(self.element).astype(np.intp), weight, self.elements), np.float64)


def mm_per_px(geometry: Geometry) -> float | None:
    """The scale along the depth, if the source states a plausible one."""
    px_mm = geometry.mm_per_px
    return float(px_mm[1]) if px_mm is not None and all(PLAUSIBLE_MM_PER_PX[0] <= mm <= PLAUSIBLE_MM_PER_PX[1] for mm in px_mm) else None


def usual(grey: Numbers, band: Band) -> tuple[Numbers, NDArray[np.intp]]:
    """The median grey at each step of depth, NaN where too few pixels show it, and the step of each pixel."""
    if not band.pixels.size:
        return np.empty(0), np.empty(0, np.intp)
    step = np.rint(band.depth * DEPTHS_A_PIXEL).astype(np.intp)
    steps = int(step.max()) + 1
    order = np.argsort(step, kind="stable")
    parts = np.split(grey[order], np.searchsorted(step[order], np.arange(1, steps)))
    return np.array([np.median(part) if part.size >= FEWEST else np.nan for part in parts]), step


def curve(grey: Numbers, band: Band, steps: int) -> Numbers:
    """(steps,) the usual grey from the array to the end of the band; black where no pixel is."""
    typical, _ = usual(grey, band)
    known = np.flatnonzero(~np.isnan(typical))
    if not known.size:
        return np.zeros(steps)
    return np.asarray(np.interp(np.linspace(0, band.reach * DEPTHS_A_PIXEL, steps), known, typical[known]))


def brightness(grey: Numbers, band: Band) -> Numbers:
    """(elements,) how much brighter each is than usual at the same depths, in grey levels; `grey` is the grey of `band.pixels`."""
    typical, step = usual(grey, band)
    expected = typical[step]
    lit = (expected > SEEN[0]) & (expected < SEEN[1])
    rest = np.where(lit, grey - expected, 0.0)
    spread, _ = usual(np.abs(rest), band)
    return _solved(rest, np.where(lit, 1 / (NOISE**2 + np.nan_to_num(spread[step]) ** 2), 0.0), band)


def _solved(rest: Numbers, weight: Numbers, band: Band) -> Numbers:
    """The brightness that each element must add, if pixels show it in proportion to their nearness."""
    count = band.elements
    low = np.minimum(band.element.astype(np.intp), count - 2)
    high_share = band.element - low
    ends = ((low, 1 - high_share), (low + 1, high_share))
    matrix, right = np.zeros((count, count)), np.zeros(count)
    for at, share in ends:
        right += np.bincount(at, weight * share * rest, count)
        for other_at, other in ends:
            matrix += np.bincount(at * count + other_at, weight * share * other, count * count).reshape(count, count)
    matrix[np.diag_indices(count)] += max(RIDGE * float(np.trace(matrix)) / count, 1e-12)
    return np.asarray(np.linalg.solve(matrix, right))
