"""Take: what was said of the frames of one zone while it is being taken; the clip is a window of them."""

from collections import deque

from edge.exam.capture import HELD_S, Window
from edge.exam.clip import ClipFinding, ClipReader
from edge.inference.reading import Reading
from edge.inference.release import ModelRelease
from edge.vision.quality import Quality

FASTEST_HZ = 60
"""So many readings a second are remembered for as long as capture looks back."""


class Take:
    """Of one zone; keeps readings, not pixels."""

    def __init__(self, release: ModelRelease) -> None:
        self._release = release
        self._said: deque[tuple[Quality, Reading]] = deque(maxlen=int(HELD_S * FASTEST_HZ))

    def add(self, quality: Quality, reading: Reading) -> None:
        self._said.append((quality, reading))

    @property
    def whole(self) -> Window | None:
        """From the first frame to the last; None before the first."""
        if not self._said:
            return None
        score = sum(quality.score for quality, _ in self._said) / len(self._said)
        return Window(self._said[0][0].sequence, self._said[-1][0].sequence, score)

    def finding(self, window: Window) -> ClipFinding:
        """What the frames of a window show together."""
        clip = ClipReader(self._release)
        for quality, reading in self._said:
            if window.first <= quality.sequence <= window.last:
                clip.add(quality, reading)
        return clip.finding()
