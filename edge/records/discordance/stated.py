"""What is stated of the ended exams of real patients, as far as answers can differ in them: the newest exams first."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Boolean, ColumnElement, Row, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from edge.records.exams.answered import COUNTED
from edge.records.exams.reviews import StoredReview
from edge.records.outcomes.outcomes import StoredOutcome
from edge.records.people.operators import called
from edge.records.rows import stored
from edge.records.schema import ClipRow, ClosingRow, ExamRow, FindingRow, OperatorRow, OutcomeRow, ReviewRow
from edge.records.store import Store

CURRENT = FindingRow.superseded_at.is_(None)
OVERRULED = CURRENT & FindingRow.decision.in_(("rejected", "edited", "not_assessable"))
"""Of findings: the decision can state something else than the model."""
SAVED, HOLDS = ReviewRow.saved_at.is_not(None), OutcomeRow.withdrawn_at.is_(None)

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class StatedFinding:
    """A finding of the model, of the zone as it was last taken, with the decision on it; see `FindingRow`.

    `validated`: the release was validated on the machine of the clip; None where nobody asked.
    """

    zone: str
    key: str
    verdict: str
    decision: str
    decided: str | None
    decided_by: str | None
    decided_at: datetime | None
    validated: bool | None


@dataclass(frozen=True, slots=True)
class StatedExam:
    """See `ExamRow`. Without a saved review, `findings` has only those of which the decision can differ from the model's answer."""

    id: str
    protocol: str
    state: str
    qualified: bool
    over_read: tuple[str, ...]
    begun_at: datetime
    findings: tuple[StatedFinding, ...]
    reviews: tuple[StoredReview, ...]
    outcomes: tuple[StoredOutcome, ...]


EXAM = (ExamRow.id, ExamRow.protocol, ExamRow.state, ExamRow.qualified, ExamRow.over_read, ExamRow.begun_at)
FINDING = (
    *(getattr(FindingRow, name) for name in StatedFinding.__dataclass_fields__ if name != "validated"),
    type_coerce(func.json_extract(ClipRow.assessment, "$.machine_validated"), Boolean),
)


class StatedExams:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def newest(
        self, limit: int, before_id: str | None = None, protocols: Collection[str] | None = None, *, closed: bool = False
    ) -> tuple[StatedExam, ...]:
        """The exams begun last, of those begun before `before_id`, in which somebody else than the model has stated something.

        Of exams under some protocols, or under any; `closed`: only those in which a person has closed a difference.
        """
        query = select(*EXAM).where(*COUNTED, _answered()).order_by(ExamRow.id.desc()).limit(limit)
        if closed:
            query = query.where(ExamRow.id.in_(select(ClosingRow.exam_id)))
        if before_id is not None:
            query = query.where(ExamRow.id < before_id)
        if protocols is not None:
            query = query.where(ExamRow.protocol.in_(protocols))
        with self._store.read() as session:
            return _stated(session, session.execute(query).all())

    def of(self, exam_id: str) -> tuple[StatedExam, ...]:
        """One exam, or none where answers cannot differ in it."""
        with self._store.read() as session:
            return _stated(session, session.execute(select(*EXAM).where(*COUNTED, _answered(), ExamRow.id == exam_id)).all())


def _answered() -> ColumnElement[bool]:
    overruled = exists().where(FindingRow.exam_id == ExamRow.id, OVERRULED)
    reviewed = exists().where(ReviewRow.exam_id == ExamRow.id, SAVED)
    known = exists().where(OutcomeRow.exam_id == ExamRow.id, HOLDS)
    return or_(overruled, reviewed, known)


def _stated(session: Session, rows: Sequence[Row[str, str, str, bool, list[str], datetime]]) -> tuple[StatedExam, ...]:
    ids = [row.id for row in rows]
    reviews, outcomes = _by_exam(_reviews(session, ids)), _by_exam(_outcomes(session, ids))
    findings = _by_exam(_findings(session, ids, reviews))
    return tuple(
        StatedExam(
            id=row.id,
            protocol=row.protocol,
            state=row.state,
            qualified=row.qualified,
            over_read=tuple(row.over_read),
            begun_at=row.begun_at,
            findings=findings.get(row.id, ()),
            reviews=reviews.get(row.id, ()),
            outcomes=outcomes.get(row.id, ()),
        )
        for row in rows
    )


def _by_exam(pairs: Iterable[tuple[str, Item]]) -> dict[str, tuple[Item, ...]]:
    grouped = defaultdict[str, list[Item]](list)
    for exam_id, each in pairs:
        grouped[exam_id].append(each)
    return {exam_id: tuple(each) for exam_id, each in grouped.items()}


def _findings(session: Session, ids: Collection[str], reviewed: Collection[str]) -> Iterator[tuple[str, StatedFinding]]:
    query = select(FindingRow.exam_id, *FINDING).join(ClipRow, ClipRow.id == FindingRow.clip_id).order_by(FindingRow.id)
    query = query.where(FindingRow.exam_id.in_(ids), CURRENT, or_(FindingRow.exam_id.in_(reviewed), OVERRULED))
    for exam_id, *finding in session.execute(query):
        yield exam_id, StatedFinding(*finding)


def _reviews(session: Session, ids: Collection[str]) -> Iterator[tuple[str, StoredReview]]:
    query = select(ReviewRow, OperatorRow.name, OperatorRow.badge).join(OperatorRow, OperatorRow.id == ReviewRow.reviewer_id)
    for row, name, badge in session.execute(query.where(ReviewRow.exam_id.in_(ids), SAVED).order_by(ReviewRow.id)):
        yield row.exam_id, stored(StoredReview, row, reviewer=called(name, badge))


def _outcomes(session: Session, ids: Collection[str]) -> Iterator[tuple[str, StoredOutcome]]:
    query = select(OutcomeRow).where(OutcomeRow.exam_id.in_(ids), HOLDS).order_by(OutcomeRow.id)
    for row in session.scalars(query):
        yield row.exam_id, stored(StoredOutcome, row)
