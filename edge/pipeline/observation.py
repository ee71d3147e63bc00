"""Observation: one frame with everything that was said of it, published as one thing so that nothing is drawn on another frame."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.inference.reading import Reading
from edge.inference.release import ModelRelease
from edge.notice import NOTICE
from edge.vision.quality import Quality
from edge.vision.standardise import Standardised
from firmware_bridge.frame import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """`release` is the one that made the reading, also when another reads by now.

    `published_ns` is `time.monotonic_ns()` when the reading became visible to others.
    """

    seen: Standardised
    reading: Reading
    release: ModelRelease
    published_ns: int

    @property
    def frame(self) -> Frame:
        """The one that was read, black outside of the ultrasound."""
        return self.seen.frame

    @property
    def quality(self) -> Quality:
        return self.seen.quality

    @property
    def said(self) -> Mapping[str, object]:
        """As it is recorded: logits, probabilities and novelty to the last bit."""
        reading = self.reading
        return {
            "model": reading.model,
            "release": self.release.ident,
            "simulated": reading.simulated,
            "findings": {score.finding: {"probability": score.probability, "logit": score.logit} for score in reading.scores},
            "novelty": reading.novelty,
            "quality": [reason.code for reason in self.quality.reasons],
            "notice": NOTICE,
        }

    @property
    def latency_ms(self) -> float:
        """From the frame's last byte received to the reading published."""
        return (self.published_ns - self.frame.received_ns) / 1e6
