"""Outcomes: what the patients of this appliance turned out to have. Who decides on findings records them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from edge.exam.exam import ExamRefused
from edge.exam.stored import StoredExams
from edge.feedback.truth.condition import Reference, condition_as, conditions
from edge.feedback.truth.standing import OutcomeRefused, Stated, Truth, require_plausible, truth_of
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.exams.facts import DRAFT
from edge.records.exams.forms import StoredExam
from edge.records.outcomes.outcomes import NewOutcome, Outcomes, StoredOutcome
from edge.services.book import readable
from edge.services.review import findings_hidden


@dataclass(frozen=True, slots=True)
class ExamOutcomes:
    """Every outcome of an exam, the first recorded first, and what holds of each condition of which one is recorded."""

    outcomes: tuple[StoredOutcome, ...]
    truths: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class KnownExams:
    """In how many exams of real patients a condition is present, absent, and not known although an outcome is recorded."""

    condition: str
    present: int = 0
    absent: int = 0
    open: int = 0


class OutcomeService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, stored: StoredExams, shows: Callable[[Actor, StoredExam], bool]) -> None:
        """`shows` states whether an actor is allowed to see what is stated of an exam: a blind reader does not see its outcome either."""
        self._stored, self._outcomes, self._shows = stored, Outcomes(stored.store), shows

    def of_exam(self, actor: Actor, exam_id: str) -> ExamOutcomes:
        """The outcomes of an exam.

        Raises:
            RecordUnknown: no exam has this id.
            NotAllowed: the actor is not allowed to read it.
            ExamRefused: what is stated of it is not shown to the actor yet.
        """
        exam = self._exam(actor, Verb.READ, exam_id)
        if not self._shows(actor, exam):
            raise findings_hidden()
        outcomes = self._outcomes.of_exam(exam_id)
        standing = [_stated(each) for each in outcomes if each.withdrawn_at is None]
        named = {each.condition for each in standing}
        return ExamOutcomes(outcomes, tuple(truth_of(each, standing) for each in conditions() if each.id in named))

    def known(self, actor: Actor) -> tuple[KnownExams, ...]:
        """What is known of each condition, over the exams that the actor is allowed to read.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        by_exam: dict[str, list[Stated]] = {}
        for each in self._outcomes.of_patients(readable(actor)):
            by_exam.setdefault(each.exam_id, []).append(_stated(each))
        truths = Counter(
            (condition.id, truth_of(condition, stated).present)
            for stated in by_exam.values()
            for condition in conditions()
            if any(each.condition == condition.id for each in stated)
        )
        return tuple(KnownExams(each.id, truths[each.id, True], truths[each.id, False], truths[each.id, None]) for each in conditions())

    def record(self, actor: Actor, exam_id: str, outcome: Stated, note: str = "") -> StoredOutcome:
        """Records an outcome of an ended exam. Others of the same condition stay: where the best ones differ, nothing holds.

        Raises:
            RecordUnknown: no exam has this id.
            NotAllowed: the actor is not allowed to decide on its findings.
            ConditionUnknown, OutcomeRefused: no such condition, or the outcome cannot be true.
            ExamRefused: the exam is still open.
        """
        exam = self._exam(actor, Verb.DECIDE, exam_id)
        if exam.state == DRAFT:
            raise ExamRefused("This exam is still open", "End it, then record what the patient turned out to have", says="outcome_open")
        now = self._stored.store.now()
        require_plausible(outcome, condition_as(outcome.condition), exam.begun_at.date(), now.date())
        new = NewOutcome(outcome.condition, outcome.present, outcome.reference.value, outcome.on.isoformat(), note)
        return self._outcomes.add(actor.name, exam_id, new)

    def withdraw(self, actor: Actor, outcome_id: str, why: str) -> StoredOutcome:
        """Takes back an outcome that was wrong; it stays recorded.

        Raises:
            RecordUnknown: no outcome has this id.
            NotAllowed: the actor is not allowed to decide on the findings of its exam.
            OutcomeRefused: no reason was given.
            OutcomeWithdrawn: it was withdrawn before.
        """
        actor.require(Verb.DECIDE)
        self._exam(actor, Verb.DECIDE, self._outcomes.get(outcome_id).exam_id)
        if not why.strip():
            raise OutcomeRefused("An outcome is not withdrawn without a reason", "State why it was wrong", says="outcome_no_reason")
        return self._outcomes.withdraw(actor.name, outcome_id, why.strip())

    def _exam(self, actor: Actor, verb: Verb, exam_id: str) -> StoredExam:
        actor.require(verb)
        exam = self._stored.records.get(exam_id)
        actor.require_reach(exam.session_id)
        actor.require(verb, exam.protocol)
        return exam


def _stated(outcome: StoredOutcome) -> Stated:
    return Stated(outcome.condition, outcome.present, Reference(outcome.reference), date.fromisoformat(outcome.on))
