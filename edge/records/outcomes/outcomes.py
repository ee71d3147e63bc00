"""Outcomes as recorded: added once, and withdrawn where they were wrong. Nothing that was recorded is changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from edge.records.errors import RecordStale
from edge.records.ids import new_id
from edge.records.outcomes.row import OutcomeRow
from edge.records.rows import found, stored
from edge.records.schema import ExamRow
from edge.records.store import Store


class OutcomeWithdrawn(RecordStale):
    """The outcome was withdrawn already."""

    code = "outcome-withdrawn"


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """See `OutcomeRow`."""

    condition: str
    present: bool | None
    reference: str
    on: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """See `OutcomeRow`."""

    id: str
    exam_id: str
    condition: str
    present: bool | None
    reference: str
    on: str
    note: str
    recorded_at: datetime
    recorded_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    why: str


class Outcomes:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, actor: str, exam_id: str, new: NewOutcome) -> StoredOutcome:
        """Records an outcome of an exam. One that is recorded already, and was not withdrawn, stays as it is.

        Raises:
            RecordUnknown: no exam has this id.
        """
        with self._store.write() as change:
            found(change.session.get(ExamRow, exam_id), "exam", exam_id)
            for row in _rows(change.session, exam_id):
                if row.withdrawn_at is None and _content(row) == _content(new):
                    change.unlogged()
                    return stored(StoredOutcome, row)
            row = OutcomeRow(
                id=new_id(),
                exam_id=exam_id,
                condition=new.condition,
                present=new.present,
                reference=new.reference,
                on=new.on,
                note=new.note,
                recorded_at=change.now,
                recorded_by=actor,
                why="",
            )
            change.session.add(row)
            change.session.flush()
            detail = {"exam": exam_id, "condition": new.condition, "present": new.present, "reference": new.reference, "on": new.on}
            change.log(actor, "outcome.recorded", f"outcome/{row.id}", detail)
            return stored(StoredOutcome, row)

    def withdraw(self, actor: str, outcome_id: str, why: str) -> StoredOutcome:
        """Takes an outcome back; it stays recorded, with the reason.

        Raises:
            RecordUnknown: no outcome has this id.
            OutcomeWithdrawn: it was withdrawn before.
        """
        with self._store.write() as change:
            row = found(change.session.get(OutcomeRow, outcome_id), "outcome", outcome_id)
            if row.withdrawn_at is not None:
                raise OutcomeWithdrawn(f"This outcome was withdrawn by {row.withdrawn_by} already", "Look at the outcomes again")
            row.withdrawn_at, row.withdrawn_by, row.why = change.now, actor, why
            change.session.flush()
            change.log(actor, "outcome.withdrawn", f"outcome/{row.id}", {"exam": row.exam_id, "why": why})
            return stored(StoredOutcome, row)

    def get(self, outcome_id: str) -> StoredOutcome:
        """Raises RecordUnknown: no outcome has this id."""
        with self._store.read() as session:
            return stored(StoredOutcome, found(session.get(OutcomeRow, outcome_id), "outcome", outcome_id))

    def of_exam(self, exam_id: str) -> tuple[StoredOutcome, ...]:
        """Every outcome of an exam, also those that were withdrawn, the first recorded first."""
        with self._store.read() as session:
            return tuple(stored(StoredOutcome, row) for row in _rows(session, exam_id))

    def of_patients(self, protocols: Collection[str] | None = None) -> tuple[StoredOutcome, ...]:
        """Those that hold, of the exams of real patients under some protocols, or under any."""
        query = select(OutcomeRow).join(ExamRow, ExamRow.id == OutcomeRow.exam_id)
        query = query.where(OutcomeRow.withdrawn_at.is_(None), ExamRow.simulated.is_(False)).order_by(OutcomeRow.id)
        if protocols is not None:
            query = query.where(ExamRow.protocol.in_(protocols))
        with self._store.read() as session:
            return tuple(stored(StoredOutcome, row) for row in session.scalars(query))


def _rows(session: Session, exam_id: str) -> list[OutcomeRow]:
    return list(session.scalars(select(OutcomeRow).where(OutcomeRow.exam_id == exam_id).order_by(OutcomeRow.id)))


def _content(outcome: OutcomeRow | NewOutcome) -> tuple[object, ...]:
    return outcome.condition, outcome.present, outcome.reference, outcome.on, outcome.note
