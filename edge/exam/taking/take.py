"""Take: the readings of the frames of one zone while it is recorded; the clip is a window of them."""

from collections import deque

from edge.exam.clip import ClipFinding, finding_of
from edge.exam.taking.capture import HELD_S, MOST_SHOTS, Window, held_for
from edge.inference.reading import Reading
from edge.inference.release import ModelRelease
from edge.pipeline.observation import Observation
from edge.vision.quality import Quality
from firmware_bridge.errors import Conflict
from firmware_bridge.machine import Machine
from firmware_bridge.says import say

FEWEST_READINGS = int(HELD_S * 60)
"""At least this many readings are remembered; above 60 frames per second, all that the capture can select from."""


class TakenAgain(Conflict):
    """The frames of a zone so far belong to no clip."""

    code = "zone-taken-again"


class Take:
    """The readings of one zone by one model `release`, which is None before the first frame; it stores no pixels."""

    def __init__(self, seconds: float = HELD_S) -> None:
        """`seconds` of frames make a clip."""
        self.release: ModelRelease | None = None
        self._machine: Machine | None = None
        self._held_us = int(held_for(seconds) * 1e6)
        self._readings: deque[tuple[Quality, Reading]] = deque(maxlen=MOST_SHOTS)
        self._captured_us: deque[int] = deque(maxlen=MOST_SHOTS)

    def change(self, observation: Observation) -> str:
        """What is another with this frame than with the earlier ones, if any: the release that read it, or the machine that made it."""
        if self.release not in (None, observation.release):
            return say("RELEASE_CHANGED", "model release changed to {release}", release=observation.release.ident)
        if self._machine not in (None, observation.reading.machine):
            return say("OTHER_MACHINE", "machine changed to {machine}", machine=observation.reading.machine.name)
        return ""

    def add(self, observation: Observation) -> None:
        """Adds the quality and the reading of the next frame.

        Raises:
            ValueError: another release has read the earlier frames, or another machine has made them.
        """
        if change := self.change(observation):
            raise ValueError(f"the {change} with frame {observation.frame.sequence}")
        self.release, self._machine = observation.release, observation.reading.machine
        self._readings.append((observation.quality, observation.reading))
        self._captured_us.append(observation.frame.captured_us)
        while len(self._readings) > FEWEST_READINGS and self._captured_us[-1] - self._captured_us[0] > self._held_us:
            self._readings.popleft()
            self._captured_us.popleft()

    @property
    def whole(self) -> Window | None:
        """From the first frame to the last; None before the first."""
        if not self._readings:
            return None
        score = sum(quality.score for quality, _ in self._readings) / len(self._readings)
        return Window(self._readings[0][0].sequence, self._readings[-1][0].sequence, score)

    def finding(self, window: Window) -> ClipFinding:
        """The finding of the frames of a window.

        Raises:
            ValueError: nothing was taken.
        """
        if self.release is None:
            raise ValueError("nothing was taken")
        readings = list(self._readings)  # more may come meanwhile
        return finding_of(self.release, (each for each in readings if window.first <= each[0].sequence <= window.last))
