"""The check of the probe itself, without a phantom: from its picture in air, or from the common part of its clinical pictures.

In air the lens rings, and shows every element alike. On the skin a dead element is a column close to the array that stays dark in every
frame, whereas a rib moves and a lifted edge is wide (Ultrasound 2014, 1742271X13517693; PMC5849819).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from edge.probe.elements import Band, brightness, curve
from edge.probe.pool import FRAMES, MOST_PIXELS, Held, Pool, Sum
from edge.vision.region import FoundBy
from firmware_bridge.frame import AcquisitionSettings

Numbers = NDArray[np.float64]

ELEMENTS, FEWEST_ELEMENTS, MOST_ELEMENTS = 128, 16, 1024
"""The usual number of elements of an array, the least and the most."""
DEAD = {Held.AIR: 15.0, Held.CLINICAL: 22.0}
"""An element is dead from this many grey levels below its surroundings. Healthy elements of a virtual probe are at most 7 (air) and 17
(skin) below, dead elements at least 23 and 28, most of them 35 and more."""
DEAD_WHERE_UNSURE, FEWEST_WHERE_UNSURE = 25.0, 2
"""The same, and the least number of dead neighbours, if the fan's edges were found from its pixels: the computed places of a healthy
array's rings and layers are then not exact, and a single healthy element can look as dark."""
DEVIATIONS, SURE = 5.0, 30.0
"""The limit is at least this many robust standard deviations of the array; if these exceed `SURE`, dead elements could be missed."""
PITCH = 0.75
"""Pixels that an element needs at the array to be separate from its neighbours."""
EDGE = 0.0125
"""The largest error of an edge found from pixels, as a share of the picture's longer side: 2.5 pixels of the reduced picture."""
SURROUNDINGS = 8
"""On the skin an element is compared with 1/8 of the array around it: a dark part wider than half of that may come from the skin."""
HALF = 0.5
"""The share of clinical frames in which an element must touch the skin."""
DARK = 30.0
"""An array whose brightest depth is darker cannot be judged."""
STEPS = 64
"""Steps of depth in a stored band, for the comparison with a later one."""
LIT, SATURATED = 0.5, 248.0
"""Two bands are compared at depths where the first has at least half of its highest brightness, and neither is saturated."""


class CantTell(Exception):
    """No result for the probe: `code`, the reason, and the next step."""

    def __init__(self, code: str, says: str, advice: str) -> None:
        super().__init__(says)
        self.code, self.says, self.advice = code, says, advice


@dataclass(frozen=True, slots=True)
class Run:
    """Dead neighbours, counted from 0 at the left edge of the image; `mm` (from, to) along the array, None if the scale is unknown."""

    first: int
    last: int
    mm: tuple[float, float] | None = None

    def __str__(self) -> str:
        name = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return name if self.mm is None else f"{name} ({sum(self.mm) / 2:.1f} mm from the left edge)"

    @property
    def length(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The measured picture of an array, in grey levels.

    `profile` (elements,) states how much brighter each element is than the rest, `spread` the distance of its 10th and 90th percentile;
    `band` (STEPS,) is the usual grey from the array downwards, `level` its peak; `picture` (elements, STEPS) is the band itself.
    `runs` are dead; `unseen` did not touch the skin often enough to be judged. If the fan's edges were found from its pixels, the
    outermost `unsure` elements of each side and single elements are not judged, and places may be wrong by that number.
    """

    held: Held
    frames: int
    settings: AcquisitionSettings
    profile: Numbers
    band: Numbers
    picture: NDArray[np.uint8]
    runs: tuple[Run, ...]
    unseen: tuple[Run, ...] = ()
    unsure: int = 0

    @property
    def level(self) -> float:
        return float(self.band.max())

    @property
    def spread(self) -> float:
        low, high = np.percentile(self.profile, (10, 90))
        return float(high - low)

    @property
    def dead(self) -> int:
        return sum(run.length for run in self.runs)

    @property
    def longest_dead(self) -> int:
        return max((run.length for run in self.runs), default=0)


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison with the baseline: `loss` in grey levels, and `change`, 1 minus the correlation of the two pictures."""

    loss: float
    change: float


def measure(pool: Pool, held: Held | None = None, elements: int = ELEMENTS) -> Measured:
    """Measures an array of this many elements; in the requested mode, else in the mode that the frames allow.

    Raises:
        CantTell: too few frames are usable, or they do not show the array well enough.
    """
    mode = pool.enough(held)
    if mode is None:
        raise _too_few(pool, held)
    seen = [_Seen.of(one, elements) for one in pool.sums(mode)]
    weights = np.stack([one.seen for one in seen])
    unseen = weights.sum(axis=0) < HALF * sum(one.frames for one in seen)
    profile = np.sum([one.profile * weight for one, weight in zip(seen, weights, strict=True)], axis=0) / np.maximum(weights.sum(axis=0), 1)
    most = max(seen, key=lambda one: one.frames)
    usual = curve(most.grey, most.band, STEPS)
    if usual.max() < DARK:
        raise CantTell("DARK", "the picture close to the array is black", "Raise the gain, and check that the probe transmits")
    pitch_mm = most.band.pitch_mm
    unsure = max(one.unsure for one in seen)
    dark = _dark(profile - _trend(profile, mode), mode, DEAD_WHERE_UNSURE if unsure else DEAD[mode]) & ~unseen
    picture = _picture(most.grey, most.band, usual)
    frames = sum(one.frames for one in seen)
    runs = tuple(run for run in _runs(dark, pitch_mm) if run.length >= (FEWEST_WHERE_UNSURE if unsure else 1))
    return Measured(mode, frames, most.settings, profile, usual, picture, runs, _runs(unseen, pitch_mm), unsure)


def compare(now: Measured, baseline: Measured) -> Compared:
    """Compares two measurements in air with the same settings.

    Raises:
        CantTell: too much of a band is saturated, or the arrays have different numbers of elements.
    """
    if now.picture.shape != baseline.picture.shape:
        raise CantTell("OTHER_ARRAY", "the baseline has another number of elements", "Give the same --elements, or make a new baseline")
    both = (baseline.band > LIT * baseline.band.max()) & (baseline.band < SATURATED) & (now.band < SATURATED)
    if not both.any():
        raise CantTell("SATURATED", "the band is saturated", "Lower the gain, and make a new baseline")
    loss = float(np.mean(baseline.band[both] - now.band[both]))
    pictures = now.picture.ravel().astype(float), baseline.picture.ravel().astype(float)
    if not all(picture.std() for picture in pictures):
        return Compared(loss, 1.0)
    return Compared(loss, 1 - float(np.corrcoef(*pictures)[0, 1]))


def _too_few(pool: Pool, held: Held | None) -> CantTell:
    air, clinical = (pool.frames(mode) for mode in Held)
    needed = " or ".join(f"{FRAMES[mode]} {_PLACES[mode]}" for mode in Held if held in (mode, None))
    if pool.too_large:
        return CantTell(
            "TOO_LARGE",
            f"the frames have more than {MOST_PIXELS / 1e6:g} million pixels",
            "Set the machine or the grabber to a smaller picture",
        )
    found = f"{air} in air, {clinical} on the skin, {pool.seen - air - clinical} neither"
    return CantTell("TOO_FEW_FRAMES", f"too few frames: {needed} are needed, and there are {found}", _HOLD[held])


_PLACES = {Held.AIR: "in air", Held.CLINICAL: "on the skin"}
_HOLD = {
    Held.AIR: "Wipe the probe dry and hold it in the air, without changing its settings",
    Held.CLINICAL: "Continue to scan, with gel and gentle pressure",
    None: "Wipe the probe dry and hold it in the air; or continue to scan, with gel",
}


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """The frames with one setting; `seen` (elements,) is the number of frames in which each element touched the skin."""

    frames: int
    settings: AcquisitionSettings
    band: Band
    grey: Numbers
    profile: Numbers
    seen: Numbers
    unsure: int

    @classmethod
    def of(cls, one: Sum, elements: int) -> Self:
        band = _whole_band(one, elements)
        counted = one.counted.ravel()[band.pixels]
        unsure = _unsure(one, elements)
        inner = (band.element > unsure) & (band.element < elements - 1 - unsure) if unsure else np.ones(band.element.shape, np.bool_)
        shown = band.only((counted >= HALF * one.frames) & inner)
        grey = one.mean.ravel()[shown.pixels]
        seen = band.each(counted.astype(np.float64)) / np.maximum(band.each(), 1)
        return cls(one.frames, one.settings, shown, grey, brightness(grey, shown), seen, unsure)


def _whole_band(one: Sum, elements: int) -> Band:
    region, placed = one.sight.region, one.sight.placed
    if region.found_by is FoundBy.NOTHING:
        raise CantTell(
            "NO_REGION", "no ultrasound is found in the picture", "Choose the probe as the source, and show its whole fan in the picture"
        )
    if region.outline.near is None and not placed.straight:
        raise CantTell("NO_ARRAY", "the edge of the fan at the array is cut off", "Show the whole fan")
    if placed.length < PITCH * (elements - 1):
        what = f"{elements} elements lie on {placed.length:.0f} pixels, too few to separate them"
        raise CantTell("TOO_COARSE", what, "Use less depth or a larger picture, or state the probe's own number of --elements")
    if one.frozen:
        raise CantTell("FROZEN", "every frame is the same", "Unfreeze the probe")
    return Band.of(placed, one.geometry, elements)


def _unsure(one: Sum, elements: int) -> int:
    """The number of elements within the possible error of an edge that was found from pixels."""
    if one.sight.region.found_by is FoundBy.GEOMETRY:
        return 0
    longest = float(max(one.total.shape))
    return math.ceil(EDGE * longest * (elements - 1) / one.sight.placed.length)


def _trend(profile: Numbers, held: Held) -> Numbers:
    """The profile expected without dead elements: in air a parabola, on the skin the median of the surroundings."""
    if held is Held.CLINICAL:
        half = max(2, profile.size // (2 * SURROUNDINGS))
        around = np.lib.stride_tricks.sliding_window_view(np.pad(profile, half, "reflect"), 2 * half + 1)
        return np.asarray(np.median(around, axis=1))
    across = np.linspace(-1, 1, profile.size)
    powers = np.stack([np.ones_like(across), across, across**2], axis=1)
    weight = np.ones_like(profile)
    fit = profile
    for _ in range(30):  # least absolute deviations, by reweighting: dead elements do not bend it
        root = np.sqrt(weight)
        fit = powers @ np.linalg.lstsq(powers * root[:, None], profile * root, rcond=None)[0]
        weight = 1 / np.maximum(np.abs(profile - fit), 1.0)
    return np.asarray(fit)


def _dark(rest: Numbers, held: Held, limit: float) -> NDArray[np.bool_]:
    deviation = 1.4826 * float(np.median(np.abs(rest - np.median(rest))))
    limit = max(limit, DEVIATIONS * deviation)
    if held is Held.CLINICAL and limit > SURE:
        raise CantTell(
            "UNEVEN_SKIN",
            "the pictures are too uneven close to the array",
            "Continue to scan, at several places; or check the probe in air",
        )
    return np.asarray(rest < -min(limit, SURE))


def _runs(which: NDArray[np.bool_], pitch_mm: float | None) -> tuple[Run, ...]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], which, [False]]).astype(np.int8)))
    return tuple(
        Run(first, end - 1, None if pitch_mm is None else (round(first * pitch_mm, 1), round((end - 1) * pitch_mm, 1)))
        for first, end in edges.reshape(-1, 2).tolist()
    )


def _picture(grey: Numbers, band: Band, usual: Numbers) -> NDArray[np.uint8]:
    """The band's pixels by element and depth; a place without pixels has the usual grey of that depth."""
    depth = np.minimum((band.depth / band.reach * STEPS).astype(np.intp), STEPS - 1)
    place = np.rint(band.element).astype(np.intp) * STEPS + depth
    count = np.bincount(place, minlength=band.elements * STEPS)
    total = np.bincount(place, grey, band.elements * STEPS)
    filled = np.where(count > 0, total / np.maximum(count, 1), np.tile(usual, band.elements))
    return np.asarray(np.rint(filled), np.uint8).reshape(band.elements, STEPS)
