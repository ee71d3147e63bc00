"""What each element of an array shows of itself: how bright the picture is close to it, against the rest of the array.

A dead element darkens the beams above it, and most where they are made of few elements: close to the array. One pixel shows two
elements where it lies between them, and one element is seen by pixels at many depths; so the elements are solved for, by least squares
over all pixels of the band. That tells neighbours apart even where a pixel is wider than an element.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from edge.vision.region import Region
from firmware_bridge.frame import Geometry

Numbers = NDArray[np.float64]

BAND_MM, BAND_SHARE = 10.0, 0.07
"""How deep the band reaches: so many mm where the scale is known, else so much of what is shown."""
DEPTHS_A_PIXEL = 4
"""The rings of an array are finer than a pixel: what is usual at a depth is told for so many steps of depth a pixel."""
SEEN = (20.0, 248.0)
"""Grey levels at which a change of echo is a change of grey: neither black nor saturated."""
FEWEST = 8
"""Pixels from which a median is told."""
NOISE = 3.0
"""Grey levels below which unevenness at a depth is not taken for less."""
RIDGE = 0.02
"""How much a pixel's worth of evidence an element has of its own that it is like the rest: two of them that no pixel tells apart share."""
PLAUSIBLE_MM_PER_PX = (0.01, 2.0)


@dataclass(frozen=True, eq=False)
class Placed:
    """Where the pixels of a region lie.

    `pixels` are their flat indices, `across` runs from 0 at the left edge to 1 at the right, `depth` is in pixels below the
    array. The array is `length` pixels long and shows `deepest` pixels; `straight` if its beams lie side by side.
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
    """The pixels close to an array: `pixels` are flat indices, `element` (0 to elements - 1) and `depth` (pixels) where each lies.

    `reach` is the depth of the band; `pitch_mm` the distance of two elements, None where the scale is not known.
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
        """Of these pixels alone."""
        return replace(self, pixels=self.pixels[which], element=self.element[which], depth=self.depth[which])

    def each(self, weight: Numbers | None = None) -> Numbers:
        """(elements,) how many pixels lie at each element, or the sum of their weights."""
        return np.asarray(np.bincount(np.rint(self.element).astype(np.intp), weight, self.elements), np.float64)


def mm_per_px(geometry: Geometry) -> float | None:
    """The scale along the depth, if the source tells one that can be."""
    told = geometry.mm_per_px
    return float(told[1]) if told is not None and all(PLAUSIBLE_MM_PER_PX[0] <= mm <= PLAUSIBLE_MM_PER_PX[1] for mm in told) else None


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
    """(steps,) the usual grey from the array to the end of the band; black where nothing is shown."""
    typical, _ = usual(grey, band)
    known = np.flatnonzero(~np.isnan(typical))
    if not known.size:
        return np.zeros(steps)
    return np.asarray(np.interp(np.linspace(0, band.reach * DEPTHS_A_PIXEL, steps), known, typical[known]))


def brightness(grey: Numbers, band: Band) -> Numbers:
    """(elements,) grey levels by which each is brighter than what is usual at the same depths; `grey` is that of `band.pixels`."""
    typical, step = usual(grey, band)
    there = typical[step]
    lit = (there > SEEN[0]) & (there < SEEN[1])
    rest = np.where(lit, grey - there, 0.0)
    spread, _ = usual(np.abs(rest), band)
    return _solved(rest, np.where(lit, 1 / (NOISE**2 + np.nan_to_num(spread[step]) ** 2), 0.0), band)


def _solved(rest: Numbers, weight: Numbers, band: Band) -> Numbers:
    """What each element must add, so that pixels show it in proportion to how near they lie."""
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
