"""What the tests of exams have in common: a clip's finding as the model would give it."""

from collections.abc import Callable

import pytest

from edge.exam.clip import ClipFinding
from edge.inference.reading import Score

FindingMaker = Callable[..., ClipFinding]


@pytest.fixture(scope="session")
def finding_of() -> FindingMaker:
    """Makes the finding of a clip in which each of the three findings has the given probability."""

    def make(
        b_lines: float = 0.1, a_lines: float = 0.9, severity: float = 0.1, *, quality: float = 80.0, reason: str | None = None
    ) -> ClipFinding:
        said = {"b_lines": b_lines, "a_lines": a_lines, "severity_2_plus": severity}
        return ClipFinding(
            model="1.2.3",
            frames=60,
            good_frames=60 if reason is None else 10,
            quality=quality,
            simulated=False,
            scores=tuple(Score(key, probability, 0.0) for key, probability in said.items()),
            reason=reason,
            advice="" if reason is None else "More gel",
            faults={},
            stage_ms={},
        )

    return make
