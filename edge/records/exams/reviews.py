"""Reviews: the answers of each reader. A saved review is never changed; a corrected one replaces it, and both stay recorded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from edge.records.audit.entry import Value
from edge.records.errors import RecordStale
from edge.records.ids import new_id
from edge.records.people.operators import called
from edge.records.rows import expect, found, stored
from edge.records.schema import ExamRow, OperatorRow, ReviewRow
from edge.records.store import Store

Answers = Mapping[str, object]
Protocols = Collection[str] | None
"""The requested protocols; None: every one."""


@dataclass(frozen=True, slots=True)
class NewReview:
    """A review that begins. `blind`: until it is saved, its reader does not see what the model or another reader stated."""

    exam_id: str
    kind: str
    blind: bool
    reviewer_id: str


@dataclass(frozen=True, slots=True)
class SavedReview:
    """The answers to save, ready for JSON; `discordant` holds `zone:finding` where the reader differs from the earlier answer."""

    zones: Answers
    quality: Answers
    comment: str
    discordant: Sequence[str]


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A review as recorded, see `ReviewRow`; `reviewer` names its reader as the audit trail does."""

    id: str
    exam_id: str
    kind: str
    blind: bool
    reviewer_id: str
    begun_at: datetime
    saved_at: datetime | None
    zones: Answers
    quality: Answers
    comment: str
    discordant: tuple[str, ...]
    supersedes: str | None
    version: int
    reviewer: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An exam that waits for a reader; `over_read` are the reasons for a second reading, empty where it was never read."""

    exam_id: str
    protocol: str
    state: str
    qualified: bool
    begun_at: datetime
    over_read: tuple[str, ...]
    simulated: bool


class Reviews:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, review_id: str) -> StoredReview:
        """One review.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.read() as session:
            return _stored(session, found(session.get(ReviewRow, review_id), "review", review_id))

    def of_exam(self, exam_id: str) -> tuple[StoredReview, ...]:
        """Every review of an exam in the order in which they were begun, including those that another one replaced."""
        with self._store.read() as session:
            return reviews_of(session, exam_id)

    def by_reader(self, reviewer_id: str, exam_ids: Collection[str]) -> dict[str, tuple[StoredReview, ...]]:
        """The reviews of one reader of some exams, by exam, in the order in which they were begun."""
        query = select(ReviewRow).where(ReviewRow.reviewer_id == reviewer_id, ReviewRow.exam_id.in_(exam_ids)).order_by(ReviewRow.id)
        found: dict[str, tuple[StoredReview, ...]] = {}
        with self._store.read() as session:
            for row in session.scalars(query):
                found[row.exam_id] = (*found.get(row.exam_id, ()), _stored(session, row))
        return found

    def begin(self, actor: str, new: NewReview) -> StoredReview:
        """Begins a review, or returns the one that this reader has begun and not saved.

        Where the reader has saved one already, the new one replaces it once it is saved, and is not blind.

        Raises:
            RecordUnknown: there is no such exam.
        """
        with self._store.write() as change:
            found(change.session.get(ExamRow, new.exam_id), "exam", new.exam_id)
            mine = _by_reader(change.session, new.exam_id, new.reviewer_id)
            if mine and mine[-1].saved_at is None:
                change.log(actor, "review.resumed", f"review/{mine[-1].id}", {"exam": new.exam_id})
                return _stored(change.session, mine[-1])
            before = mine[-1].id if mine else None
            row = ReviewRow(
                id=new_id(),
                exam_id=new.exam_id,
                kind=new.kind,
                blind=new.blind and before is None,
                reviewer_id=new.reviewer_id,
                begun_at=change.now,
                zones={},
                quality={},
                comment="",
                discordant=[],
                supersedes=before,
            )
            change.session.add(row)
            change.session.flush()
            detail: dict[str, Value] = {"exam": new.exam_id, "kind": row.kind, "blind": row.blind, "supersedes": before}
            change.log(actor, "review.begun", f"review/{row.id}", detail)
            return _stored(change.session, row)

    def save(self, actor: str, review_id: str, answer: SavedReview, seen: int) -> StoredReview:
        """Saves a review; it cannot change afterwards.

        Raises:
            RecordUnknown, RecordStale: there is no such review, it is saved already, or its version is not `seen`.
        """
        with self._store.write() as change:
            row = found(change.session.get(ReviewRow, review_id), "review", review_id)
            version = expect("review", row.version, seen)
            if row.saved_at is not None:
                fix = "Begin another review, which replaces it"
                raise RecordStale("The review is saved, and cannot be changed", fix, says="review_saved")
            row.zones, row.quality, row.comment = dict(answer.zones), dict(answer.quality), answer.comment
            row.discordant, row.saved_at, row.version = list(answer.discordant), change.now, version
            codes: list[Value] = [*answer.discordant]
            detail: dict[str, Value] = {"exam": row.exam_id, "kind": row.kind, "blind": row.blind, "discordant": codes}
            change.log(actor, "review.saved", f"review/{review_id}", detail)
            return _stored(change.session, row)

    def never_read(self, protocols: Protocols, limit: int = 50, after_id: str | None = None) -> tuple[Waiting, ...]:
        """Preliminary exams of operators who are not qualified for them, without a saved review; the oldest first."""
        waits = (ExamRow.state == "preliminary") & ExamRow.qualified.is_(False) & ~_saved("first")
        return self._waiting(waits, protocols, limit, after_id)

    def to_over_read(self, protocols: Protocols, limit: int = 50, after_id: str | None = None) -> tuple[Waiting, ...]:
        """Signed exams that need a second reading and have none yet; the oldest first."""
        drawn = ExamRow.state.in_(("final", "amended")) & (func.json_array_length(ExamRow.over_read) > 0)
        return self._waiting(drawn & ~_saved("over-read"), protocols, limit, after_id)

    def _waiting(self, waits: ColumnElement[bool], protocols: Protocols, limit: int, after_id: str | None) -> tuple[Waiting, ...]:
        query = select(ExamRow).where(waits).order_by(ExamRow.id).limit(limit)
        if protocols is not None:
            query = query.where(ExamRow.protocol.in_(protocols))
        if after_id is not None:
            query = query.where(ExamRow.id > after_id)
        with self._store.read() as session:
            return tuple(
                Waiting(row.id, row.protocol, row.state, row.qualified, row.begun_at, tuple(row.over_read), row.simulated)
                for row in session.scalars(query)
            )


def reviews_of(session: Session, exam_id: str) -> tuple[StoredReview, ...]:
    """Every review of an exam, within a transaction."""
    rows = session.scalars(select(ReviewRow).where(ReviewRow.exam_id == exam_id).order_by(ReviewRow.id))
    return tuple(_stored(session, row) for row in rows)


def standing(reviews: Sequence[StoredReview]) -> tuple[StoredReview, ...]:
    """The saved reviews that no other saved review has replaced."""
    saved = [review for review in reviews if review.saved_at is not None]
    replaced = {review.supersedes for review in saved}
    return tuple(review for review in saved if review.id not in replaced)


def _by_reader(session: Session, exam_id: str, reviewer_id: str) -> Sequence[ReviewRow]:
    mine = select(ReviewRow).where(ReviewRow.exam_id == exam_id, ReviewRow.reviewer_id == reviewer_id)
    return session.scalars(mine.order_by(ReviewRow.id)).all()


def _saved(kind: str) -> ColumnElement[bool]:
    return exists().where(ReviewRow.exam_id == ExamRow.id, ReviewRow.kind == kind, ReviewRow.saved_at.is_not(None))


def _stored(session: Session, row: ReviewRow) -> StoredReview:
    reader = session.get_one(OperatorRow, row.reviewer_id)
    return stored(StoredReview, row, reviewer=called(reader.name, reader.badge))
