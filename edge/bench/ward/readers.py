"""Simulated readers: each states the label of a zone, with misses and overcalls at known rates. The same seed makes the same errors."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from edge.exam.review.review import ReaderVerdict

DRAW_BYTES = 8


class Error(str, Enum):
    """`missed`: the label is present, and the reader states absent. `overcalled`: the other way round."""

    MISSED = "missed"
    OVERCALLED = "overcalled"


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedReader:
    """`rates` are the shares (0 to 1) of wrong answers; `made` counts those that were really made, by finding and error."""

    badge: str
    name: str
    rates: Mapping[Error, float]
    seed: str
    made: Counter[tuple[str, Error]] = field(default_factory=Counter)

    def states(self, place: str, finding: str, label: bool | None) -> ReaderVerdict:
        """The answer on a finding at a place, such as `p1 L2`; where the label is not known, the reader cannot tell."""
        if label is None:
            return ReaderVerdict.NOT_ASSESSABLE
        error = Error.MISSED if label else Error.OVERCALLED
        wrong = self._draw(f"{place} {finding}") < self.rates[error]
        self.made[finding, error] += wrong
        return ReaderVerdict.PRESENT if label is not wrong else ReaderVerdict.ABSENT

    def _draw(self, of: str) -> float:
        """From 0 to 1, by the place alone: neither the order of the exams nor the model's answers change it."""
        drawn = hashlib.sha256(f"{self.seed}\n{self.badge}\n{of}".encode()).digest()[:DRAW_BYTES]
        return int.from_bytes(drawn, "big") / (1 << 8 * DRAW_BYTES)
