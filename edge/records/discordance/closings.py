"""Closed differences as recorded: added once, and withdrawn where they were wrong. Nothing that was recorded is changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from edge.records.audit.entry import Value
from edge.records.discordance.row import ClosingRow
from edge.records.errors import RecordStale
from edge.records.ids import new_id
from edge.records.rows import found, stored
from edge.records.schema import ExamRow
from edge.records.store import Store

Place = tuple[str, str, str]
"""An exam, a zone of it (empty for the exam as a whole), and the key of a finding."""
Answers = Sequence[Mapping[str, str]]
"""Who stated what, in a fixed order."""


class ClosedBefore(RecordStale):
    """Another person has closed the difference already."""

    code = "difference-closed"


class ClosingWithdrawn(RecordStale):
    """The closing was withdrawn already."""

    code = "closing-withdrawn"


@dataclass(frozen=True, slots=True)
class NewClosing:
    """See `ClosingRow`."""

    exam_id: str
    zone: str
    finding: str
    cause: str
    note: str
    answers: Answers

    @property
    def place(self) -> Place:
        return self.exam_id, self.zone, self.finding


@dataclass(frozen=True, slots=True)
class StoredClosing:
    """See `ClosingRow`."""

    id: str
    exam_id: str
    zone: str
    finding: str
    cause: str
    note: str
    answers: tuple[Mapping[str, str], ...]
    closed_at: datetime
    closed_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    why: str

    @property
    def place(self) -> Place:
        return self.exam_id, self.zone, self.finding


class Closings:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def close(self, actor: str, new: NewClosing) -> StoredClosing:
        """Records why the answers at a place differed.

        Raises:
            RecordUnknown: no exam has this id.
            ClosedBefore: the difference of these answers is closed.
        """
        with self._store.write() as change:
            found(change.session.get(ExamRow, new.exam_id), "exam", new.exam_id)
            last = _newest(change.session, {new.exam_id}).get(new.place)
            if last is not None and last.withdrawn_at is None and list(last.answers) == list(new.answers):
                what, fix = "This difference was closed by {name} already", "Look at the queue again"
                raise ClosedBefore(what, fix, says="difference_closed", name=last.closed_by)
            row = ClosingRow(
                id=new_id(),
                exam_id=new.exam_id,
                zone=new.zone,
                finding=new.finding,
                cause=new.cause,
                note=new.note,
                answers=[dict(each) for each in new.answers],
                closed_at=change.now,
                closed_by=actor,
                why="",
            )
            change.session.add(row)
            change.session.flush()
            answers: list[Value] = [dict(each) for each in new.answers]
            detail: dict[str, Value] = {
                "exam": new.exam_id,
                "zone": new.zone,
                "finding": new.finding,
                "cause": new.cause,
                "answers": answers,
            }
            change.log(actor, "discordance.closed", f"closing/{row.id}", detail)
            return stored(StoredClosing, row)

    def withdraw(self, actor: str, closing_id: str, why: str) -> StoredClosing:
        """Opens a difference again; the closing stays recorded, with the reason.

        Raises:
            RecordUnknown: no closing has this id.
            ClosingWithdrawn: it was withdrawn before.
        """
        with self._store.write() as change:
            row = found(change.session.get(ClosingRow, closing_id), "closing", closing_id)
            if row.withdrawn_at is not None:
                raise ClosingWithdrawn(f"This closing was withdrawn by {row.withdrawn_by} already", "Look at the queue again")
            row.withdrawn_at, row.withdrawn_by, row.why = change.now, actor, why
            change.session.flush()
            change.log(actor, "discordance.reopened", f"closing/{row.id}", {"exam": row.exam_id, "why": why})
            return stored(StoredClosing, row)

    def get(self, closing_id: str) -> StoredClosing:
        """Raises RecordUnknown: no closing has this id."""
        with self._store.read() as session:
            return stored(StoredClosing, found(session.get(ClosingRow, closing_id), "closing", closing_id))

    def newest(self, exam_ids: Collection[str]) -> dict[Place, StoredClosing]:
        """The newest closing of each place of these exams, also where it was withdrawn: it has the last word."""
        with self._store.read() as session:
            return _newest(session, exam_ids)

    def by_cause(self, protocols: Collection[str] | None = None) -> dict[str, int]:
        """How many places have a newest closing of each cause that was not withdrawn; of exams under some protocols, or of any."""
        last = select(func.max(ClosingRow.id)).group_by(ClosingRow.exam_id, ClosingRow.zone, ClosingRow.finding)
        query = select(ClosingRow.cause, func.count()).where(ClosingRow.id.in_(last), ClosingRow.withdrawn_at.is_(None))
        if protocols is not None:
            query = query.join(ExamRow, ExamRow.id == ClosingRow.exam_id).where(ExamRow.protocol.in_(protocols))
        with self._store.read() as session:
            return dict(session.execute(query.group_by(ClosingRow.cause)).all())


def _newest(session: Session, exam_ids: Collection[str]) -> dict[Place, StoredClosing]:
    rows = session.scalars(select(ClosingRow).where(ClosingRow.exam_id.in_(exam_ids)).order_by(ClosingRow.id))
    return {each.place: each for each in (stored(StoredClosing, row) for row in rows)}
