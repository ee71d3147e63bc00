"""The differences of an exam as a whole: between its sign and what the patient turned out to have."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from edge.exam.likelihood.in_exam import EACH_SIDE
from edge.exam.verdict import Verdict
from edge.feedback.discordance.difference import WHOLE_EXAM, By, Difference, Kind, Statement, difference
from edge.feedback.performance.collect import LEAST_LEVEL
from edge.feedback.performance.signs import ExamSigns
from edge.feedback.truth.condition import Reference, conditions
from edge.feedback.truth.standing import Stated, Truth, truth_of
from edge.records.exams.answered import AnsweredExam
from edge.records.exams.finding import OPEN
from edge.records.outcomes.outcomes import StoredOutcome


def differences_in_exam(exam: AnsweredExam, outcomes: Sequence[StoredOutcome], signs: ExamSigns) -> tuple[Difference, ...]:
    """Where the sign of the exam, of the model alone or as it holds, differs from what turned out by a reference of level 2 or 3.

    Several conditions make one sign. One of them that is present explains it, and then the absent ones contradict nothing.
    """
    return tuple(found for finding in EACH_SIDE if (found := _of_sign(exam, finding, outcomes, signs)) is not None)


def tells_of_signs(outcomes: Sequence[StoredOutcome]) -> bool:
    """Whether anything is known of a condition that has a sign."""
    return any(_known(finding, outcomes) for finding in EACH_SIDE)


def _of_sign(exam: AnsweredExam, finding: str, outcomes: Sequence[StoredOutcome], signs: ExamSigns) -> Difference | None:
    truths = _known(finding, outcomes)
    by_model, holding = signs.of(exam, finding) if truths else (None, None)
    if by_model is None or holding is None:
        return None
    decided = [each for each in exam.answers if each.key == finding and each.superseded_at is None and each.decision != OPEN]
    who = sorted({each.decided_by or "" for each in decided})
    at = max((each.decided_at for each in decided if each.decided_at), default=None)
    by_people = [Statement(By.DECISION, holding, ", ".join(who), at)] if decided else []
    found = difference(exam.id, WHOLE_EXAM, finding, (Statement(By.MODEL, by_model), *by_people, *map(_turned_out, truths)))
    return replace(found, kind=Kind.OUTCOME) if found is not None and found.kind is Kind.OPPOSED else found


def _known(finding: str, outcomes: Sequence[StoredOutcome]) -> list[Truth]:
    stated = [Stated(each.condition, each.present, Reference(each.reference), date.fromisoformat(each.on)) for each in outcomes]
    truths = [truth_of(each, stated, LEAST_LEVEL) for each in conditions() if finding in each.findings]
    return [each for each in truths if each.present] or [each for each in truths if each.present is False]


def _turned_out(truth: Truth) -> Statement:
    reference = truth.reference.value if truth.reference else ""
    return Statement(By.OUTCOME, Verdict.PRESENT if truth.present else Verdict.ABSENT, truth.condition, reference=reference)
