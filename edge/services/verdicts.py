"""Which decision on a finding has a verdict of its own."""

from edge.exam.exam import ExamRefused
from edge.records.exams.finding import Decision

EDITED: Decision = "edited"


def require_verdict(decision: Decision, verdict: str | None) -> None:
    """Admits a decision with or without a verdict of its own.

    Raises:
        ExamRefused: an edited finding has none, or another decision has one.
    """
    if (verdict is not None) is not (decision == EDITED):
        fix = "Give the verdict with 'edited', or leave it out"
        raise ExamRefused("Only an edited finding has a verdict of its own", fix, says="verdict_not_edited")
