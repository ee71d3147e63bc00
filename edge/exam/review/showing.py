"""Who sees what the model states of an exam before its review: everybody, or, by site policy, nobody who is not qualified."""

from collections.abc import Callable, Mapping
from typing import Protocol

from edge.exam.course import ExamState
from edge.people.actor import Actor
from edge.people.permission import Permission, Verb
from edge.records.exams.forms import StoredExam
from firmware_bridge.says import say


class Reviewed(Protocol):
    """The facts of an exam that decide this."""

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
HIDDEN: Mapping[str, str | None] = {
    **dict.fromkeys(("probability", "percent", "logit", "prediction", "verdict", "novelty")),
    **dict.fromkeys(("decision", "decided", "decided_by", "decided_at")),
    **dict.fromkeys(("reason", "code"), ""),
}
"""What takes the place of a field of a finding for an actor who is not allowed yet to see what the model or another reader states."""


def always(_actor: Actor, _exam: Reviewed) -> bool:
    return True


def after_review(actor: Actor, exam: Reviewed) -> bool:
    """Until an exam of an operator who is not qualified is signed, only readers see what the model states."""
    if exam.qualified or exam.state not in NOT_REVIEWED:
        return True
    return any(actor.permission(verb, exam.protocol) is Permission.ALLOW for verb in READERS)


def standing(exam: StoredExam) -> str:
    """The state of an exam in words, with the review that it needs."""
    if exam.state not in NOT_REVIEWED or exam.qualified:
        return say("STANDING", "{state}", state=exam.state)
    needs = "{state}, needs review: {operator} is not qualified for {protocol}"
    return say("STANDING_REVIEW", needs, state=exam.state, operator=exam.operator, protocol=exam.protocol)
