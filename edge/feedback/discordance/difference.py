"""A difference: the answers on one finding that contradict each other, with who stated which."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from edge.exam.verdict import Verdict

WHOLE_EXAM = ""
"""The zone of a difference that is about the exam as a whole."""


class By(str, Enum):
    """Where an answer comes from."""

    MODEL = "model"
    DECISION = "decision"
    """A person accepted or overruled the model; of a whole exam: its sign with every decision."""
    REVIEW = "review"
    OVER_READ = "over-read"
    OUTCOME = "outcome"
    """What the patient turned out to have."""


class Kind(str, Enum):
    """How far answers differ."""

    OPPOSED = "opposed"
    """One states present, and another one absent: somebody is wrong, so these come first."""
    OUTCOME = "outcome"
    """The sign of an exam, and a condition that turned out otherwise. No sign proves a condition, and no condition must make its sign."""
    UNSURE = "unsure"
    """One could not tell, and another one states present or absent. This contradicts nothing, and can still tell of poor images."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One answer. `who` is a person as in the audit trail; of an outcome it is the condition, known by a `reference`.

    `blind`: a reading that was begun without the other answers in view. `mark` belongs to an answer of the model, on a machine on which it
    is not validated.
    """

    by: By
    answer: Verdict
    who: str = ""
    at: datetime | None = None
    blind: bool = False
    reference: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """The statements on a `finding` in a `zone` of an exam, or in the exam as a whole."""

    exam_id: str
    zone: str
    finding: str
    kind: Kind
    statements: tuple[Statement, ...]

    @property
    def place(self) -> tuple[str, str, str]:
        return self.exam_id, self.zone, self.finding

    @property
    def answers(self) -> list[dict[str, str]]:
        """Who stated what, in a fixed order. The same answers make the same list, also where somebody repeated theirs."""
        each = {(one.by.value, one.who, one.answer.value) for one in self.statements}
        return [{"by": by, "who": who, "answer": answer} for by, who, answer in sorted(each)]

    @property
    def seen(self) -> str:
        """Stands for the answers: it is another one as soon as an answer is."""
        return hashlib.sha256(json.dumps(self.answers).encode()).hexdigest()[:16]

    def is_own(self, person: str) -> bool:
        """Whether it is one of its kind only because of what this person states: the others do not differ so far."""
        others = [one.answer for one in self.statements if one.who != person]
        return kind_of(others) is not kind_of(one.answer for one in self.statements)


def kind_of(answers: Iterable[Verdict]) -> Kind | None:
    """How these answers differ; None where all are the same."""
    stated = set(answers)
    if {Verdict.PRESENT, Verdict.ABSENT} <= stated:
        return Kind.OPPOSED
    return Kind.UNSURE if len(stated) > 1 else None


def difference(exam_id: str, zone: str, finding: str, statements: Sequence[Statement]) -> Difference | None:
    """The difference between statements; None where all have the same answer."""
    kind = kind_of(one.answer for one in statements)
    return Difference(exam_id, zone, finding, kind, tuple(statements)) if kind else None
