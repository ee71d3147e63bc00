"""The same picture from every machine: a frame's ultrasound alone, its field at one scale and level, and what is wrong with it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.vision.beams import Beams
from edge.vision.field import Field, cut_out, field_of
from edge.vision.level import levelled
from edge.vision.look import Look, Onlooker
from edge.vision.measure import Measured, Measurer
from edge.vision.quality import Limits, Quality, assess
from edge.vision.region import FoundBy, Region, RegionFinder
from firmware_bridge.frame import Frame, Grey

ANY = Limits(depth_mm=(0.0, 1000.0), presets=())
"""Without a protocol any depth and preset is accepted."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """One frame, ready for the network, before its quality is judged.

    `frame` is black outside the ultrasound, `square` (side, side) grey its `field`, and `picture` that at the common level; they were made
    in `prepare_ns` nanoseconds.
    """

    frame: Frame
    region: Region
    field: Field
    square: Grey
    picture: Grey
    prepare_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """One frame, made comparable.

    `frame` is black outside the ultrasound, which `region` located and the polygon `border` surrounds; `picture` (side, side) grey is its
    `field` as the network sees it, made in `prepare_ns` nanoseconds. Depth is counted from the row where its middle touches the skin, the
    first of `depth_rows`, to the last row of ultrasound.
    """

    frame: Frame
    region: FoundBy
    field: Field
    depth_rows: tuple[float, float]
    border: tuple[tuple[int, int], ...]
    picture: Grey
    measured: Measured
    quality: Quality
    prepare_ns: int


class Standardiser:
    """For one clip or live source: give it every frame, in order.

    `side` is the side of the next picture in pixels; the facts from earlier frames hold for a picture of any side. `looks` tell whether the
    frames can come from the machine that they state.
    """

    def __init__(self, side: int, looks: Sequence[Look] = ()) -> None:
        self.side, self.looks = side, looks
        self._onlooker = Onlooker()
        self._regions = RegionFinder()
        self._measurer = Measurer()
        self._of: tuple[Region, Beams] | None = None

    def take(self, frame: Frame, limits: Limits = ANY) -> Standardised:
        return self.judge(self.prepare(frame), limits)

    def prepare(self, frame: Frame) -> Prepared:
        """The part that the network needs."""
        begun = time.perf_counter_ns()
        region = self._regions.find(frame)
        cleaned = self._onlooker.checked(region.cleaned(frame), region, self.looks)
        field = field_of(frame.geometry, region)
        square = cut_out(cleaned.pixels, field, self.side)
        picture = levelled(square)
        return Prepared(cleaned, region, field, square, picture, time.perf_counter_ns() - begun)

    def judge(self, made: Prepared, limits: Limits = ANY) -> Standardised:
        """The other part, which can run while the network reads: give it every prepared frame, in order."""
        frame, region = made.frame, made.region
        measured = self._measurer.measure(frame, self._beams(region), made.square)
        quality = assess(frame.sequence, measured, limits)
        where = (region.found_by, made.field, region.depth_rows, region.border)
        return Standardised(frame, *where, made.picture, measured, quality, made.prepare_ns)

    def _beams(self, region: Region) -> Beams:
        if self._of is None or self._of[0] is not region:
            self._of = region, Beams.of(region)
        return self._of[1]


def redrawn(seen: Standardised, side: int) -> Standardised:
    """The same frame with the picture that a standardiser with another `side` makes."""
    if seen.picture.shape[0] == side:
        return seen
    return replace(seen, picture=levelled(cut_out(seen.frame.pixels, seen.field, side)))
