"""Post-test probability with the findings of an exam: a calculation for the person who reads it. Nothing is stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.exam.likelihood.in_exam import stated_in
from edge.exam.likelihood.own import Own
from edge.exam.likelihood.post_test import PostTest, PostTestRefused, Sign, post_test
from edge.exam.likelihood.published import Published, published, published_as
from edge.exam.summary import ExamSummary
from edge.exam.verdict import Verdict
from edge.people.actor import Actor
from edge.services.exam import ExamService
from edge.services.review import findings_hidden

OwnFigures = Callable[[str], Own | None]
"""The site's own figures of a condition; None where there are none."""
PRESENT = {Verdict.PRESENT: True, Verdict.ABSENT: False}


def none_yet(_condition: str) -> None:
    """No outcomes are recorded on this appliance yet, so it has no figures of its own."""


@dataclass(frozen=True, slots=True)
class ExamSign:
    """A published sign, and what the exam states of it; None where it states nothing, so that a person does."""

    row: Published
    stated: Verdict | None


@dataclass(frozen=True, slots=True)
class ExamPostTest:
    """A result, the sign behind it, and what is shown with every number of this exam. `of_exam`: its findings stated the sign."""

    result: PostTest
    row: Published
    of_exam: bool
    simulated: bool
    machine_mark: str


class LikelihoodService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, exams: ExamService, own: OwnFigures = none_yet) -> None:
        self._exams, self._own = exams, own

    def signs(self, actor: Actor, exam_id: str) -> tuple[ExamSign, ...]:
        """The published signs, each with what the exam states of it.

        Raises:
            RecordUnknown, NotAllowed: no exam has this id, or the actor is not allowed to read it.
            ExamRefused: its findings are not shown to the actor yet.
            ExamUnresumable: its zones cannot be read.
        """
        summary = self._shown(actor, exam_id)
        return tuple(ExamSign(row, stated_in(summary, row.finding)) for row in published())

    def post_test(
        self, actor: Actor, exam_id: str, before: float | None, signs: Sequence[str], stated: Verdict | None = None
    ) -> ExamPostTest:
        """How likely a condition is after one sign; `before` (0 to 1) is what the actor states without the ultrasound.

        A sign of which the exam states something has the answer of the exam; for any other the actor has `stated` it.

        Raises:
            PostTestRefused: see `edge.exam.likelihood.post_test`, or the actor states a sign that the exam states.
            RatioUnknown: no published sign has this id.
            RecordUnknown, NotAllowed, ExamRefused, ExamUnresumable: see `signs`.
        """
        summary = self._shown(actor, exam_id)
        rows = [published_as(ident) for ident in signs]
        answers = [_answer(row, stated_in(summary, row.finding), stated) for row in rows]
        own = self._own(rows[0].condition) if rows else None
        result = post_test(before, [Sign(row, PRESENT.get(answer)) for row, answer in zip(rows, answers, strict=True)], own)
        return ExamPostTest(result, rows[0], stated is None, summary.simulated, summary.machine_mark)

    def _shown(self, actor: Actor, exam_id: str) -> ExamSummary:
        exam = self._exams.book.get(actor, exam_id)
        summary, shown = self._exams.summary(actor, exam)
        if not shown:
            raise findings_hidden()
        return summary


def _answer(row: Published, of_exam: Verdict | None, of_person: Verdict | None) -> Verdict:
    if of_exam is not None and of_person is not None:
        fix = "Leave your answer out. To change the sign, decide on the findings of the zones"
        raise PostTestRefused(f"{row.sign}: the findings of this exam state it", fix, says="post_test_of_exam")
    return of_exam or of_person or Verdict.UNSURE
