"""The figures measured on a frame, before any of them is called a fault. No function takes more than a fraction of a millisecond."""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from edge.vision.beams import DEPTHS, LINES, Beams
from edge.vision.foreign import NOTHING_TO_SEE, foreign
from edge.vision.text import text
from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry, Grey
from firmware_bridge.scan.fan import Fan

SATURATED = 250
COUPLED_BAND = slice(round(0.08 * DEPTHS), round(0.4 * DEPTHS))
"""Depths at which a line that touches the skin shows tissue: below the ringing of the array, and above the start of any rib's shadow."""
COUPLED_SHARE = 0.8
"""The brightest fifth of the band counts: even next to a rib that much tissue shows."""
COUPLED_LEVEL, COUPLED_LOW, COUPLED_HIGH = 0.35, 20.0, 36.0
"""A line is coupled from this share of the frame's bright echoes up, within these grey levels."""
ABOVE_NOISE = 1.3
"""A coupled line is this many times as bright as the same share of the deepest part, where only noise is left."""
NEAR, NEIGHBOURS = slice(1, round(0.15 * DEPTHS)), 5
"""The depths, and the number of neighbouring lines, among which a line is dark."""
DEEPEST = slice(-DEPTHS // 8, None)
SIDES = ("left", "middle", "right")
BLOCKS = 28
"""Movement is measured in a picture reduced to this many blocks each way, in which speckle is even."""
MOVED_MS = 40.0
"""Movement is stated per this time, at any frame rate (within `FRAME_MS`)."""
FRAME_MS = (20.0, 200.0)
BLOCK_LIT, CONTRAST = 24, 12.0
"""Darker blocks change with the noise alone; where blocks differ by fewer grey levels, movement cannot be seen."""
SAME = 0.02
"""Two images are the same if their mean difference is below this, in grey levels."""
SELDOM = 4
"""Text and what kind of picture it is do not change from frame to frame: every fourth frame is searched for them."""
FOREIGN_OVER = 4
"""This many searches together state the kind of picture: one odd frame does not change it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """None where the source does not state it, or where it needs more than one frame.

    `bright` is the 95th percentile grey; `saturated` and `contact` are shares, `off_skin` the part of the array without contact; `haze` is
    the dark tenth relative to the bright echoes; `sharpness` the change over one pixel of the field relative to that over four; `motion`
    the change in 40 ms relative to the picture's contrast; `still_s` how long nothing has changed; `foreign` log-odds; `text` a share;
    `dark_line` how many grey levels a line near the array is darker than its neighbours, as below a dead element.
    """

    bright: float
    saturated: float
    contact: float
    off_skin: str
    haze: float
    sharpness: float
    foreign: float
    text: float
    motion: float | None = None
    still_s: float | None = None
    depth_mm: float | None = None
    preset: str | None = None
    gain_db: float | None = None
    dark_line: float | None = None


class Measurer:
    """Of one clip or live source; movement needs the frames in their order."""

    def __init__(self) -> None:
        self._before: tuple[int, Grey, NDArray[np.float32]] | None = None
        self._still_us = 0
        self._looks = Looks()

    def measure(self, frame: Frame, beams: Beams, square: Grey) -> Measured:
        """Of a cleaned frame, its beams, and its field as a square of grey."""
        grey = beams.along(frame.pixels)
        self._looks.take(frame.pixels, grey, beams)
        bright, haze = _levels(grey[beams.valid])
        contact, off_skin = _contact(grey, bright)
        motion, still_s = self._movement(frame.captured_us, square)
        if bright < NOTHING_TO_SEE:
            self._still_us, still_s = 0, 0.0  # black frames do not show a standstill
        return Measured(
            bright=bright,
            saturated=float(np.count_nonzero(grey >= SATURATED)) / max(1, int(np.count_nonzero(beams.valid))),
            contact=contact,
            off_skin=off_skin,
            haze=haze,
            sharpness=_sharpness(square),
            foreign=self._looks.foreign,
            text=self._looks.text,
            motion=motion,
            still_s=still_s,
            depth_mm=depth_of(frame.settings, frame.geometry),
            preset=frame.settings.preset,
            gain_db=gain_of(frame.settings),
            dark_line=_dark_line(grey),
        )

    def _movement(self, captured_us: int, square: Grey) -> tuple[float | None, float | None]:
        blocks = _blocks(square)
        before, self._before = self._before, (captured_us, square, blocks)
        if before is None or before[1].shape != square.shape:
            return None, None
        passed_us = max(0, captured_us - before[0])
        same = float(np.abs(square[::2, ::2].astype(np.int16) - before[1][::2, ::2]).mean()) < SAME
        self._still_us = self._still_us + passed_us if same else 0
        change = _changed(before[2], blocks) / max(CONTRAST, float(blocks.std()))
        return change * MOVED_MS / float(np.clip(passed_us / 1000, *FRAME_MS)), self._still_us / 1e6


class Looks:
    """The figures that cost most and change least."""

    def __init__(self) -> None:
        self.text, self.foreign = 0.0, 0.0
        self._frames = 0

    def take(self, pixels: Grey, grey: Grey, beams: Beams) -> None:
        looked, due = divmod(self._frames, SELDOM)
        self._frames += 1
        if due == 0:
            self.text = text(pixels)
            self.foreign += (foreign(grey, beams) - self.foreign) / min(looked + 1, FOREIGN_OVER)


def depth_of(settings: AcquisitionSettings, geometry: Geometry) -> float | None:
    """Millimetres shown below the array, if the source states them; an impossible depth is ignored."""
    fan = Fan.of(geometry)
    depth = settings.depth_mm if settings.depth_mm is not None else (fan.radii_mm[1] - fan.radii_mm[0] if fan else None)
    return depth if depth is not None and 0 < depth < 1000 else None


def gain_of(settings: AcquisitionSettings) -> float | None:
    """The gain in dB, if the source states one; a number that is not finite is ignored."""
    return settings.gain_db if settings.gain_db is not None and isfinite(settings.gain_db) else None


def _levels(shown: Grey) -> tuple[float, float]:
    """The grey level of the bright echoes, and the dark places' share of it."""
    if not shown.size:
        return 0.0, 0.0
    dark, bright = np.searchsorted(np.cumsum(np.bincount(shown)), np.array([0.1, 0.95]) * shown.size)
    return float(bright), float(dark) / max(1.0, float(bright))


def _contact(grey: Grey, bright: float) -> tuple[float, str]:
    """The share of lines that touch the skin, and where the other lines are."""
    band = grey[:, COUPLED_BAND]
    which = int(COUPLED_SHARE * band.shape[1])
    seen = np.partition(band, which, axis=1)[:, which]
    deep = grey[:, DEEPEST].ravel()
    noise = ABOVE_NOISE * float(np.partition(deep, int(COUPLED_SHARE * deep.size))[int(COUPLED_SHARE * deep.size)])
    coupled = seen > np.clip(max(COUPLED_LEVEL * bright, noise), COUPLED_LOW, COUPLED_HIGH)
    thirds = [float(part.mean()) for part in np.array_split(coupled, len(SIDES))]
    return float(np.count_nonzero(coupled)) / LINES, SIDES[int(np.argmin(thirds))]


def _dark_line(grey: Grey) -> float:
    """The largest of all lines. Deeper lines use many elements, so one dead element hardly shows there."""
    near = grey[:, NEAR].mean(axis=1)
    around = np.array([near[first : LINES - NEIGHBOURS + 1 + first] for first in range(NEIGHBOURS)])
    middle = NEIGHBOURS // 2
    return float((np.sort(around, axis=0)[middle] - around[middle]).max())


def _sharpness(square: Grey) -> float:
    """1 for noise without any neighbourhood, about 0.25 for the smoothest of pictures; the fixed size of the field makes it comparable."""
    side = square.shape[0]
    middle = square[side // 10 : -side // 10 or None, side // 5 : -side // 5 or None].astype(np.int16)
    near = np.abs(middle[:, 1:] - middle[:, :-1]).mean() + np.abs(middle[1:] - middle[:-1]).mean()
    far = np.abs(middle[:, 4:] - middle[:, :-4]).mean() + np.abs(middle[4:] - middle[:-4]).mean()
    return float(near / far) if far > 0 else 1.0


def _changed(before: NDArray[np.float32], blocks: NDArray[np.float32]) -> float:
    """Mean grey levels by which the lit blocks differ, as a share of all blocks."""
    lit = np.maximum(before, blocks) > BLOCK_LIT
    return float(np.abs(blocks - before)[lit].sum()) / blocks.size


def _blocks(square: Grey) -> NDArray[np.float32]:
    size = max(1, square.shape[0] // BLOCKS)
    count = square.shape[0] // size
    kept = square[: count * size, : count * size]
    rows = kept.reshape(count, size, count * size).sum(axis=1, dtype=np.uint32)
    return np.asarray(rows.reshape(count, count, size).sum(axis=2) / (size * size), np.float32)
