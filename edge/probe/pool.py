"""Frames of one probe, pooled: the common part of all frames shows the probe; the changing part shows the tissue."""

from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from edge.probe.elements import Placed
from edge.vision.beams import LINES, Beams
from edge.vision.foreign import foreign
from edge.vision.quality import check_of
from edge.vision.region import Region, RegionFinder
from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry, Grey

Flags = NDArray[np.bool_]

DEEP = slice(19, 64)
"""Depths, of 128, at which tissue is bright and air is not: below the ringing, above the depth where the sound has faded."""
COUPLED = 25.0
"""A line touches tissue from this median grey over these depths. A virtual probe gives 2 to 17 in air, 35 and more on a chest."""
IN_AIR, ON_SKIN = 0.05, 0.7
"""A frame with at most the first share of coupled lines is in air; with at least the second it is clinical; between them it is neither."""

MOST_PIXELS = 4_000_000
"""The largest frame; larger frames would fill the memory of a small board, and do not show an array better."""


class Held(str, Enum):
    """Where the probe was held."""

    AIR = "air"
    CLINICAL = "clinical"


FRAMES = {Held.AIR: 25, Held.CLINICAL: 150}
"""Frames needed: in air only noise is averaged out; clinical checks pool 150 frames (PMC5849819)."""

_Setting = tuple[tuple[int, ...], Geometry, AcquisitionSettings]


@dataclass(frozen=True, eq=False)
class Sight:
    """The geometry for the frames of one region; `line` (rows, columns) is the beam of each pixel, `LINES` where there is none."""

    region: Region
    placed: Placed
    beams: Beams
    line: NDArray[np.uint8]

    @classmethod
    def of(cls, region: Region) -> Self:
        placed = Placed.of(region)
        line = np.full(region.mask.shape, LINES, np.uint8)
        line.flat[placed.pixels] = np.minimum(placed.across * LINES, LINES - 1).astype(np.uint8)
        return cls(region, placed, Beams.of(region), line)

    def coupled(self, pixels: Grey) -> Flags:
        """(LINES,) True for the beams that touch tissue."""
        return np.asarray(np.median(self.beams.along(pixels)[:, DEEP], axis=1) > COUPLED)

    def touching(self, coupled: Flags) -> Flags:
        """(rows, columns) the pixels of the beams that touch the skin: an edge may be lifted; dark beams between are behind a rib."""
        which = np.flatnonzero(coupled)
        first, last = int(which[0]), int(which[-1])
        touches = np.zeros(LINES + 1, np.bool_)
        touches[first + (first > 0) : last + (last == LINES - 1)] = True
        return np.asarray(touches[self.line])


@dataclass(slots=True)
class Sum:
    """The sum of frames with one setting; `frozen` while all are the same, `counted` (rows, columns) is how often each pixel counts."""

    geometry: Geometry
    settings: AcquisitionSettings
    sight: Sight
    total: NDArray[np.uint32]
    counted: NDArray[np.uint32]
    frames: int = 0
    frozen: bool = True
    _first: Grey | None = None

    def add(self, pixels: Grey, which: Flags, sight: Sight) -> None:
        self._first = pixels if self._first is None else self._first
        self.frozen = self.frozen and np.array_equal(self._first, pixels)
        self.total += pixels * which
        self.counted += which
        self.frames, self.sight = self.frames + 1, sight

    @property
    def mean(self) -> NDArray[np.float64]:
        """(rows, columns) grey."""
        return np.asarray(self.total / np.maximum(self.counted, 1))


@dataclass(slots=True)
class Pool:
    """Takes frames as they arrive; each costs one addition, and only sums are stored."""

    seen: int = 0
    too_large: int = 0
    _regions: RegionFinder = field(default_factory=RegionFinder)
    _sight: Sight | None = None
    _limit: float = field(default_factory=lambda: check_of("NOT_ULTRASOUND").high)
    _sums: dict[Held, dict[_Setting, Sum]] = field(default_factory=lambda: {held: {} for held in Held})

    def add(self, frame: Frame) -> None:
        """Adds one frame; a frame that is neither in air nor on the skin, or is too large, is only counted."""
        self.seen += 1
        if frame.pixels.size > MOST_PIXELS:
            self.too_large += 1
            return
        region = self._regions.find(frame)
        if self._sight is None or self._sight.region is not region:
            self._sight = Sight.of(region)
        coupled = self._sight.coupled(frame.pixels)
        share = float(coupled.mean())
        if share <= IN_AIR:
            self._add(Held.AIR, frame, region.mask, self._sight)
        elif share >= ON_SKIN and foreign(self._sight.beams.along(frame.pixels), self._sight.beams) <= self._limit:
            self._add(Held.CLINICAL, frame, self._sight.touching(coupled), self._sight)

    def sums(self, held: Held) -> tuple[Sum, ...]:
        """One sum for each setting; in air only the most frequent setting, because settings must not change there."""
        found = tuple(self._sums[held].values())
        return found if held is Held.CLINICAL or not found else (max(found, key=lambda one: one.frames),)

    def frames(self, held: Held) -> int:
        """The number of usable frames in this mode."""
        return sum(one.frames for one in self.sums(held))

    def enough(self, held: Held | None) -> Held | None:
        """The mode with enough frames: the requested one, or any."""
        return next((mode for mode in Held if held in (mode, None) and self.frames(mode) >= FRAMES[mode]), None)

    def _add(self, held: Held, frame: Frame, which: Flags, sight: Sight) -> None:
        shape = frame.pixels.shape
        settings = replace(frame.settings, mechanical_index=None, thermal_index=None)  # a machine states these for every frame
        setting = shape, frame.geometry, settings
        if setting not in self._sums[held]:
            empty = np.zeros(shape, np.uint32)
            self._sums[held][setting] = Sum(frame.geometry, settings, sight, empty, empty.copy())
        self._sums[held][setting].add(frame.pixels, which, sight)
