"""The film of a clip: its frames in time, each as the live image showed it, for a reader who plays them again and again."""

from collections.abc import Collection, Generator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from edge.exam.taking.capture import Window
from edge.exam.window import locate
from edge.vision.region import RegionFinder
from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Frame
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.recorded import UNTIMED_US

MOST_FRAMES = 200
"""A longer clip gives so many of its frames, evenly chosen: a cheap tablet holds the whole film in memory."""
LONGEST_STEP_US = 1_000_000
"""A longer pause between two frames, in microseconds, is shown this long: a device's clock can jump by hours, and the film goes on."""


@dataclass(frozen=True, slots=True, eq=False)
class FilmFrame:
    """Frame `index` (from 0) of `count`, shown `at_us` microseconds after the first; `frame` is black outside the ultrasound.

    `depth_rows` are the row of the skin and the last row of ultrasound. `damaged`: a part of the recording cannot be read, so that frames
    can be missing.
    """

    index: int
    count: int
    at_us: int
    frame: Frame
    depth_rows: tuple[float, float]
    damaged: bool


class FilmClock:
    """The time of each frame of a clip on the device's clock; give it every frame, in order."""

    def __init__(self) -> None:
        self._at_us = 0
        self._previous_us: int | None = None

    def at(self, captured_us: int) -> int:
        """Microseconds since the first frame. Where the clock stands still or goes back, frames follow each other at 25 a second."""
        if self._previous_us is not None:
            step_us = captured_us - self._previous_us
            self._at_us += min(step_us, LONGEST_STEP_US) if step_us > 0 else UNTIMED_US
        self._previous_us = captured_us
        return self._at_us


def film_of(path: Path, window: Window, most: int = MOST_FRAMES) -> Generator[FilmFrame, None, None]:
    """The frames of a window of the recording at `path`, at most `most` of them; they are decoded while they are taken.

    Fewer frames than `count` come where images of the recording cannot be decoded.

    Raises:
        SourceAbsent, SourceDenied, SourceUnreadable: there is no such recording, or nothing of the window can be read.
        OSError: the disk does not give it.
    """
    found = locate(path, window)
    chosen = evenly(found.every, most)
    regions, clock, index = RegionFinder(), FilmClock(), 0
    with closing(open_file(path)) as source:
        for frame in islice(source.frames(), max(chosen) + 1):
            region = regions.find(frame)  # frames before the window show where the ultrasound is, too
            at_us = clock.at(frame.captured_us) if frame.sequence in found.every else 0
            if frame.sequence in chosen:
                yield FilmFrame(index, len(chosen), at_us, region.cleaned(frame), region.depth_rows, found.damaged)
                index += 1
    if not index:
        raise SourceUnreadable(f"{path}: no frame of the clip could be decoded", "Find a complete copy of the exam's folder")


def evenly(positions: Collection[int], most: int) -> frozenset[int]:
    """At most `most` (2 or more) of the positions: the first, the last, and others at even distances between them."""
    ordered = sorted(positions)
    if len(ordered) <= most:
        return frozenset(ordered)
    return frozenset(ordered[round(number * (len(ordered) - 1) / (most - 1))] for number in range(most))
