"""What the tests of exams have in common: a clip's finding as the model would give it."""

from collections.abc import Callable

import pytest

from edge.exam.clip import ClipFinding, ClipScore
from edge.inference.finding_label import FindingLabel

FindingMaker = Callable[..., ClipFinding]

set_of = FindingLabel("any", "Any", 1, 0, present_from=0.3, absent_to=0.7).set_of
"""From 70 percent present, below 30 absent."""


@pytest.fixture(scope="session")
def finding_of() -> FindingMaker:
    """Makes the finding of a clip in which each of the three findings has the given probability, and the set that goes with it here."""

    def make(
        b_lines: float = 0.1, a_lines: float = 0.9, severity: float = 0.1, *, quality: float = 80.0, reason: str | None = None
    ) -> ClipFinding:
        stated = {"b_lines": b_lines, "a_lines": a_lines, "severity_2_plus": severity}
        return ClipFinding(
            model="1.2.3",
            frames=60,
            good_frames=60 if reason is None else 10,
            quality=quality,
            simulated=False,
            scores=tuple(ClipScore(key, probability, 0.0, set_of(probability)) for key, probability in stated.items()),
            reason=reason and "quality",
            code=reason or "",
            advice="" if reason is None else "More gel",
            faults={},
            stage_ms={},
        )

    return make
