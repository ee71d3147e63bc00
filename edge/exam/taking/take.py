"""Take: what was said of the frames of one zone while it is being taken; the clip is a window of them."""

from collections import deque

from edge.exam.clip import ClipFinding, ClipReader
from edge.exam.taking.capture import HELD_S, Window
from edge.inference.reading import Reading
from edge.inference.release import ModelRelease
from edge.pipeline.observation import Observation
from edge.vision.quality import Quality
from firmware_bridge.errors import Conflict

FASTEST_HZ = 60
"""So many readings a second are remembered for as long as capture looks back."""


class TakenAgain(Conflict):
    """What was taken of a zone so far belongs to no clip."""

    code = "zone-taken-again"


class Take:
    """Of one zone, and of one model `release`, which is None before the first frame; keeps readings, not pixels."""

    def __init__(self) -> None:
        self.release: ModelRelease | None = None
        self._said: deque[tuple[Quality, Reading]] = deque(maxlen=int(HELD_S * FASTEST_HZ))

    def fits(self, observation: Observation) -> bool:
        """Whether the release that read the frames before, if any, has read this one too."""
        return self.release in (None, observation.release)

    def add(self, observation: Observation) -> None:
        """Takes what was said of the next frame.

        Raises:
            ValueError: another release has read it than those before.
        """
        if not self.fits(observation):
            raise ValueError(f"frame {observation.frame.sequence} was read by another release than those before")
        self.release = observation.release
        self._said.append((observation.quality, observation.reading))

    @property
    def whole(self) -> Window | None:
        """From the first frame to the last; None before the first."""
        if not self._said:
            return None
        score = sum(quality.score for quality, _ in self._said) / len(self._said)
        return Window(self._said[0][0].sequence, self._said[-1][0].sequence, score)

    def finding(self, window: Window) -> ClipFinding:
        """What the frames of a window show together.

        Raises:
            ValueError: nothing was taken.
        """
        if self.release is None:
            raise ValueError("nothing was taken")
        clip = ClipReader(self.release)
        for quality, reading in list(self._said):  # more may come meanwhile
            if window.first <= quality.sequence <= window.last:
                clip.add(quality, reading)
        return clip.finding()
