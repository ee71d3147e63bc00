"""Which exams of a release are its reference here, and which are watched: by the patients' stays, and by what people decided."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge.records.drift.events import NEW_REFERENCE, WATCH_AGAIN, DriftEvent
from edge.records.exams.clip_answers import ClipsOfExam

STAY = timedelta(days=30)
"""Exams of a patient with less than this between two of them are one stay (ours). They are alike, so only the first one counts."""


class Stays:
    """Sees every exam once, in their order; a clock that went back makes no new stay."""

    def __init__(self) -> None:
        self._latest: dict[str, datetime] = {}

    def begins(self, exam: ClipsOfExam) -> bool:
        """Whether an exam is the first of a stay; each exam without a patient is one."""
        if exam.patient_id is None:
            return True
        before = self._latest.get(exam.patient_id)
        self._latest[exam.patient_id] = exam.begun_at
        return before is None or abs(exam.begun_at - before) >= STAY


@dataclass(frozen=True, slots=True)
class Periods:
    """The reference begins with the exam `reference_from`, empty: the first one; only exams after the event `watch_after` are watched.

    Ids sort by time: see `edge.records.ids`. `decision` is the id of the last decision.
    """

    reference_from: str = ""
    watch_after: str = ""
    decision: str | None = None

    @property
    def renewed(self) -> bool:
        """Whether a person decided that the reference begins with a later exam."""
        return bool(self.reference_from)

    @classmethod
    def after(cls, events: Sequence[DriftEvent]) -> "Periods":
        """What holds after these events of a release, the first one first."""
        found = cls()
        for each in events:
            if each.act == NEW_REFERENCE:
                found = cls(each.since_exam_id, "", each.id)
            elif each.act == WATCH_AGAIN:
                found = cls(found.reference_from, each.id, each.id)
        return found


@dataclass(slots=True)
class Watched:
    """The exams of a watch, one after another."""

    ids: list[str] = field(default_factory=list)
    begun: list[datetime] = field(default_factory=list)

    def add(self, exam: ClipsOfExam) -> None:
        self.ids.append(exam.id)
        self.begun.append(exam.begun_at)
