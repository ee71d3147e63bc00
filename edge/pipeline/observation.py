"""Observation: one frame with everything that was said of it, published as one thing so that nothing is drawn on another frame."""

from dataclasses import dataclass

from edge.inference.reading import Reading
from edge.vision.quality import Quality
from edge.vision.region import FoundBy
from firmware_bridge.frame import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """`frame` is the one that was read, black outside of the ultrasound; `region` is how that was found.

    `published_ns` is `time.monotonic_ns()` when the reading became visible to others.
    """

    frame: Frame
    quality: Quality
    region: FoundBy
    reading: Reading
    published_ns: int

    @property
    def latency_ms(self) -> float:
        """From the frame's last byte received to the reading published."""
        return (self.published_ns - self.frame.received_ns) / 1e6
