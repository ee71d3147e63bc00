"""Where a frame is ultrasound: from the geometry if the source gives one, else from the pixels of many frames.

One frame shows little of a lung in shadow; the brightest value of each pixel over time shows where the machine draws. A region stays
until another one is clearly found, so that it does not flicker.
"""

from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from edge.vision.outline import Outline, find_outline
from firmware_bridge.frame import Frame, Geometry, Grey
from firmware_bridge.scan.fan import Fan

Flags = NDArray[np.bool_]

LOOK_AT = frozenset({1, 2, 4, 8, 16, 32})
"""The frames of a clip whose pixels are searched; later every `GENERATION`th frame."""
GENERATION = 64
"""The brightest pixels of this many frames, and of as many before them, are searched together: earlier settings are forgotten."""
LEAST_MM_PER_PX, MOST_MM_PER_PX, FARTHEST_MM, FARTHEST_PX = 1e-3, 10.0, 1e4, 1e6
"""A geometry outside these limits is an error of its source."""
BORDER_COLUMNS = 40
"""Of so many columns at most the ends are in the border: enough for a smooth arc, and few to send with each frame."""
ELSEWHERE = 0.97
"""A new outline replaces the last one if they overlap by less (intersection over union)."""


class FoundBy(str, Enum):
    """How a region is known."""

    GEOMETRY = "geometry"
    PIXELS = "pixels"
    NOTHING = "nothing"
    """The whole frame counts as ultrasound."""


@dataclass(frozen=True, eq=False)
class Region:
    """`mask` (rows, columns) is true where a frame is ultrasound; `outline` gives the course of its beams."""

    mask: Flags
    found_by: FoundBy
    outline: Outline

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) pixels around it, right and bottom exclusive."""
        (top, bottom), (left, right) = (_ends(np.asarray(self.mask.any(axis=axis))) for axis in (1, 0))
        return left, top, right, bottom

    @cached_property
    def border(self) -> tuple[tuple[int, int], ...]:
        """A polygon around it in pixels (x, y): its upper end from left to right, then its lower end back."""
        left, _, right, _ = self.box
        columns = np.unique(np.linspace(left, right - 1, BORDER_COLUMNS).round().astype(int))
        inside = self.mask[:, columns]
        tops, bottoms = inside.argmax(axis=0), len(inside) - inside[::-1].argmax(axis=0)
        ends = [*zip(columns, tops, strict=True), *zip(columns[::-1], bottoms[::-1], strict=True)]
        return tuple((int(x), int(y)) for x, y in ends)

    @property
    def depth_rows(self) -> tuple[float, float]:
        """The row where the middle of the ultrasound touches the skin, and its last row."""
        _, top, _, bottom = self.box
        return (top if self.outline.near is None else self.outline.apex[1] + self.outline.near), bottom - 1

    @cached_property
    def _bits(self) -> Grey:
        """All bits of a pixel where it is ultrasound: `&` is faster than a product with flags."""
        return np.negative(self.mask.view(np.uint8))

    def cleaned(self, frame: Frame) -> Frame:
        """The same frame with everything outside black: text, rulers, logos and names are removed."""
        if self.found_by is FoundBy.NOTHING:
            return frame
        return replace(frame, pixels=frame.pixels & self._bits)


class RegionFinder:
    """The region of one clip or one live source."""

    def __init__(self) -> None:
        self._forget((0, 0))

    def _forget(self, shape: tuple[int, int]) -> None:
        self._shape = shape
        self._frames = 0
        self._brightest = self._before = np.zeros(shape, np.uint8)
        self._region = Region(np.ones(shape, np.bool_), FoundBy.NOTHING, Outline.whole(shape[1]))

    def find(self, frame: Frame) -> Region:
        """The region of this frame, from this frame and the frames before it: call it with every frame, in order."""
        rows, columns = frame.pixels.shape
        if tells_region(frame.geometry):
            region = region_of(frame.geometry, rows, columns)
            if region.found_by is FoundBy.GEOMETRY:
                return region
        if (rows, columns) != self._shape:
            self._forget((rows, columns))
        self._frames += 1
        self._brightest = np.maximum(self._brightest, frame.pixels)
        if self._frames in LOOK_AT or self._frames % GENERATION == 0:
            self._look()
        return self._region

    def _look(self) -> None:
        outline = find_outline(np.maximum(self._brightest, self._before))
        if self._frames % GENERATION == 0:
            self._before, self._brightest = self._brightest, np.zeros(self._shape, np.uint8)
        if outline is None:
            return
        mask = outline.mask(*self._shape)
        if self._region.found_by is FoundBy.NOTHING or overlap(mask, self._region.mask) < ELSEWHERE:
            mask.flags.writeable = False
            self._region = Region(mask, FoundBy.PIXELS, outline)


def _ends(lit: Flags) -> tuple[int, int]:
    where = np.flatnonzero(lit)
    return int(where[0]), int(where[-1]) + 1


def overlap(one: Flags, other: Flags) -> float:
    """Intersection over union; 1 where both are empty."""
    union = int(np.count_nonzero(one | other))
    return int(np.count_nonzero(one & other)) / union if union else 1.0


def tells_region(geometry: Geometry) -> bool:
    """Whether a geometry places its fan in the frame; a linear geometry states the pixel size only."""
    return Fan.of(geometry) is not None


@lru_cache(maxsize=4)
def region_of(geometry: Geometry, rows: int, columns: int) -> Region:
    """The fan that a geometry places in a (rows, columns) frame; the whole frame if the fan lies outside it.

    Raises:
        ValueError: it places no fan; see `tells_region`.
    """
    fan = Fan.of(geometry)
    if fan is None:
        raise ValueError("a geometry without a fan")
    mask = _fan_mask(fan, rows, columns) if _makes_sense(fan) else np.zeros((rows, columns), np.bool_)
    placed = bool(mask.any())
    mask |= not placed
    mask.flags.writeable = False
    return Region(mask, FoundBy.GEOMETRY, Outline.of(fan)) if placed else Region(mask, FoundBy.NOTHING, Outline.whole(columns))


def _fan_mask(fan: Fan, rows: int, columns: int) -> Flags:
    angle, radius = fan.polar(rows, columns)
    (near, far), (left, right) = fan.radii_mm, fan.angles_deg
    return (radius >= near) & (radius <= far) & (angle >= left) & (angle <= right)


def _makes_sense(fan: Fan) -> bool:
    """Whether its numbers are possible for a probe; NaN is not."""
    (near, far), (left, right) = fan.radii_mm, fan.angles_deg
    x, y = fan.apex_px
    return (
        all(LEAST_MM_PER_PX <= mm <= MOST_MM_PER_PX for mm in fan.mm_per_px)
        and 0 <= near < far <= FARTHEST_MM
        and -90 < left < right < 90
        and abs(x) < FARTHEST_PX
        and abs(y) < FARTHEST_PX
    )
