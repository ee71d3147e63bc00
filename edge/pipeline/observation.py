"""Observation: one frame with its quality and its reading. They are published together, so that no result is drawn on another frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.inference.reading import Reading
from edge.inference.release import ModelRelease
from edge.inference.validation import Standing
from edge.notice import NOTICE
from edge.vision.quality import Quality
from edge.vision.standardise import Standardised
from firmware_bridge.frame import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """`release` is the one that made the reading, even if another one is active now. `standing` is what it may state on the machine.

    It is asked once, when the reading is made. `published_ns` is `time.monotonic_ns()` at the moment when the reading was published.
    """

    seen: Standardised
    reading: Reading
    release: ModelRelease
    published_ns: int
    standing: Standing = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "standing", self.release.on(self.reading.machine))

    @property
    def frame(self) -> Frame:
        """The frame that was read; it is black outside the ultrasound."""
        return self.seen.frame

    @property
    def quality(self) -> Quality:
        return self.seen.quality

    @property
    def probabilities(self) -> dict[str, float]:
        """By finding, 0 to 1, with the calibration for the machine."""
        return {each.key: each.probability(score.logit) for each, score in zip(self.standing.labels, self.reading.scores, strict=True)}

    @property
    def record(self) -> Mapping[str, object]:
        """The record of the reading: logits, probabilities and novelty without rounding."""
        reading, probabilities = self.reading, self.probabilities
        return {
            "model": reading.model,
            "release": self.release.ident,
            "simulated": reading.simulated,
            "machine": reading.machine.name,
            "machine_by_person": reading.machine.by_person,
            "machine_validated": self.standing.validated,
            "findings": {each.finding: {"probability": probabilities[each.finding], "logit": each.logit} for each in reading.scores},
            "novelty": reading.novelty,
            "quality": [reason.code for reason in self.quality.reasons],
            "notice": NOTICE,
        }

    @property
    def latency_ms(self) -> float:
        """Milliseconds from the arrival of the frame's last byte to the publication of its reading."""
        return (self.published_ns - self.frame.received_ns) / 1e6
