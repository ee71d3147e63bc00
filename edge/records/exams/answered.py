"""The ended exams of real patients with the model's answers, one after another: memory does not grow with their number."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from edge.records.columns import Json
from edge.records.exams.facts import DRAFT
from edge.records.exams.patients import StoredPatient, stored_patient
from edge.records.exams.reviews import StoredReview
from edge.records.exams.zones_v1 import states_of
from edge.records.people.operators import called
from edge.records.rows import stored
from edge.records.schema import ClipRow, ExamRow, FindingRow, OperatorRow, PatientRow, ReviewRow
from edge.records.store import Store

AT_ONCE = 1000
"""Rows in memory at the same time."""
Counted = tuple[ColumnElement[bool], ...]
COUNTED: Counted = (ExamRow.simulated.is_(False), ExamRow.state != DRAFT)

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Answer:
    """A finding of the model with the decision on it, see `FindingRow`; `quality` (0 to 100) and `machine` are those of its clip.

    `machine` is None where it was not recorded.
    """

    id: str
    zone: str
    key: str
    release: str
    probability: float
    logit: float | None
    verdict: str
    reason: str
    decision: str
    decided: str | None
    decided_by: str | None
    decided_at: datetime | None
    superseded_at: datetime | None
    quality: float
    machine: str | None


@dataclass(frozen=True, slots=True)
class AnsweredExam:
    """See `ExamRow`. `answers` include those of zones that were taken again; `reviews` are the saved ones."""

    id: str
    protocol: str
    protocol_version: str
    protocol_digest: str
    state: str
    operator_id: str | None
    qualified: bool
    over_read: Sequence[str]
    begun_at: datetime
    ended_at: datetime | None
    context: Json
    zones: Json
    zone_states: Json | None
    patient: StoredPatient | None
    answers: tuple[Answer, ...]
    reviews: tuple[StoredReview, ...]

    @property
    def states(self) -> Json:
        """The states of its zones, see `edge.records.exams.states`."""
        return states_of(self.zones, self.zone_states)


OF_ROW = tuple(name for name in AnsweredExam.__dataclass_fields__ if name not in {"patient", "answers", "reviews"})
ANSWER: tuple[ColumnElement[object] | InstrumentedAttribute[object], ...] = (
    *(getattr(FindingRow, name) for name in Answer.__dataclass_fields__ if name not in {"quality", "machine"}),
    ClipRow.quality,
    func.json_extract(ClipRow.assessment, "$.machine"),
)


class AnsweredExams:
    """The exams of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def count(self) -> int:
        """How many `each` gives."""
        with self._store.read() as session:
            return session.scalar(select(func.count()).select_from(ExamRow).where(*COUNTED)) or 0

    def each(self, ids: Collection[str] | None = None) -> Iterator[AnsweredExam]:
        """The exams in the order in which they were begun, as they are at this moment; those of some `ids`, or all."""
        counted = COUNTED if ids is None else (*COUNTED, ExamRow.id.in_(ids))
        with self._store.read() as session:
            answers, reviews = _Beside(_answers(session, counted)), _Beside(_reviews(session, counted))
            query = select(ExamRow, PatientRow).outerjoin(PatientRow, ExamRow.patient_id == PatientRow.id).where(*counted)
            for row, patient in session.execute(query.order_by(ExamRow.id).execution_options(yield_per=AT_ONCE)):
                yield _exam(row, patient, answers.of(row.id), reviews.of(row.id))


class _Beside(Generic[Item]):
    """What belongs to exams, read in their order with them."""

    def __init__(self, pairs: Iterable[tuple[str, Item]]) -> None:
        self._groups = groupby(pairs, itemgetter(0))
        self._next: tuple[str, tuple[Item, ...]] | None = self._read()

    def of(self, exam_id: str) -> tuple[Item, ...]:
        """What belongs to the next exam."""
        if self._next is None or self._next[0] != exam_id:
            return ()
        found, self._next = self._next[1], self._read()
        return found

    def _read(self) -> tuple[str, tuple[Item, ...]] | None:
        exam_id, pairs = next(self._groups, ("", iter(())))
        return (exam_id, tuple(each for _, each in pairs)) if exam_id else None


def _answers(session: Session, counted: Counted) -> Iterator[tuple[str, Answer]]:
    query = select(ExamRow.id, *ANSWER).join(FindingRow, FindingRow.exam_id == ExamRow.id).join(ClipRow, ClipRow.id == FindingRow.clip_id)
    query = query.where(*counted).order_by(ExamRow.id, FindingRow.id)
    for exam_id, *answer in session.execute(query.execution_options(yield_per=AT_ONCE)):
        yield exam_id, Answer(*answer)


def _reviews(session: Session, counted: Counted) -> Iterator[tuple[str, StoredReview]]:
    query = select(ReviewRow, OperatorRow.name, OperatorRow.badge).join(OperatorRow, OperatorRow.id == ReviewRow.reviewer_id)
    query = query.join(ExamRow, ExamRow.id == ReviewRow.exam_id).where(*counted, ReviewRow.saved_at.is_not(None))
    for row, name, badge in session.execute(query.order_by(ReviewRow.exam_id, ReviewRow.id).execution_options(yield_per=AT_ONCE)):
        yield row.exam_id, stored(StoredReview, row, reviewer=called(name, badge))


def _exam(row: ExamRow, patient: PatientRow | None, answers: tuple[Answer, ...], reviews: tuple[StoredReview, ...]) -> AnsweredExam:
    of_row = {name: getattr(row, name) for name in OF_ROW}
    return AnsweredExam(**of_row, patient=None if patient is None else stored_patient(patient), answers=answers, reviews=reviews)
