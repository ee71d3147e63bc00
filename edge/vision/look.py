"""Does a frame look like the machine that is stated? A guard against a wrong statement: it measures the texture, not the organ."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from edge.vision.region import Region
from edge.vision.texture import Values, picture_of, texture
from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine

EVERY = 8
"""Of so many frames, one is measured: a machine does not change from frame to frame."""
REMEMBERED = 24
"""The mean of the latest measurements counts, some six seconds of a live stream."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How frames of one machine look: (FEATURES,) `weights` of the texture. A mean score below `limit` is not that machine."""

    machine: Machine
    weights: Values
    offset: float
    limit: float

    def score(self, features: Values) -> float:
        """Log odds that these features of a texture come from the machine and not from another."""
        return float(features @ self.weights) + self.offset


class Onlooker:
    """Watches one clip or live source: give it every frame, in order."""

    def __init__(self) -> None:
        self._scores: deque[float] = deque(maxlen=REMEMBERED)
        self._of: tuple[Machine, Look] | None = None
        self._count, self._doubts = 0, False

    def checked(self, frame: Frame, region: Region, looks: Sequence[Look]) -> Frame:
        """The frame; its machine is `doubted` while the latest frames do not look like it. Simulated frames have no look."""
        look = None if frame.simulated else next((each for each in looks if each.machine.covers(frame.machine)), None)
        if look is None:
            return frame
        if self._of != (frame.machine, look):
            self._of, self._count = (frame.machine, look), 0
            self._scores.clear()
        if self._count % EVERY == 0:
            self._scores.append(look.score(texture(picture_of(frame.pixels, region))))
            self._doubts = fmean(self._scores) < look.limit
        self._count += 1
        return replace(frame, machine=replace(frame.machine, doubted=True)) if self._doubts else frame
