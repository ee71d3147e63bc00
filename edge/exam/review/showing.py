"""Who sees what the model says of an exam before it is reviewed: everybody, or, by site policy, no operator who is not qualified."""

from collections.abc import Callable
from typing import Protocol

from edge.exam.course import ExamState
from edge.people.actor import Actor
from edge.people.permission import Permission, Verb
from edge.records.exams.forms import StoredExam


class Reviewed(Protocol):
    """What has to be known of an exam."""

    @property
    def id(self) -> str: ...

    @property
    def protocol(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def qualified(self) -> bool: ...

    @property
    def over_read(self) -> tuple[str, ...]: ...


Shown = Callable[[Actor, Reviewed], bool]

NOT_REVIEWED = frozenset({ExamState.DRAFT.value, ExamState.PRELIMINARY.value})
READERS = (Verb.REVIEW, Verb.OVER_READ)


def always(_actor: Actor, _exam: Reviewed) -> bool:
    return True


def after_review(actor: Actor, exam: Reviewed) -> bool:
    """Only readers see what the model says of an exam that somebody took who was not qualified, until it is signed."""
    if exam.qualified or exam.state not in NOT_REVIEWED:
        return True
    return any(actor.permission(verb, exam.protocol) is Permission.ALLOW for verb in READERS)


def standing(exam: StoredExam) -> str:
    """How an exam stands, in words for whoever reads it."""
    if exam.state not in NOT_REVIEWED or exam.qualified:
        return exam.state
    return f"{exam.state}, needs review: {exam.operator} is not qualified for {exam.protocol}"
