"""What is wrong with a frame, as coded reasons with measured values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One fault: its code, what was measured, the limit it broke, and what a clinician can do."""

    code: str
    measured: float
    limit: float
    advice: str


@dataclass(frozen=True, slots=True)
class Quality:
    """A frame's faults; none means good enough to read."""

    sequence: int
    reasons: tuple[Reason, ...] = ()

    @property
    def good(self) -> bool:
        return not self.reasons
