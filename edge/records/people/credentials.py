"""The ledger of what operators have learnt and shown, and the exams that count for them. Events are only added."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from edge.records.audit.entry import Detail
from edge.records.columns import Json
from edge.records.ids import new_id
from edge.records.rows import found
from edge.records.schema import CredentialRow, ExamRow, OperatorRow, ReviewRow
from edge.records.store import Store


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to enter; `score` and `items` are those of an assessment, `version` is that of its form."""

    protocol: str
    kind: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    score: int | None = None
    items: tuple[tuple[str, int], ...] = ()
    version: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event that was entered, by whom and when; see `NewEvent`."""

    id: str
    operator_id: str
    protocol: str
    kind: str
    at: datetime
    by: str
    valid_from: datetime | None
    valid_to: datetime | None
    score: int | None
    items: tuple[tuple[str, int], ...]
    version: str
    note: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Exams that count under a protocol, and when the operator last scanned under it."""

    exams: int = 0
    latest: datetime | None = None


class Credentials:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, by: str, operator_id: str, new: NewEvent) -> Event:
        """Enters an event.

        Raises:
            RecordUnknown: there is no such operator.
        """
        with self._store.write() as change:
            found(change.session.get(OperatorRow, operator_id), "operator", operator_id)
            row = CredentialRow(id=new_id(), operator_id=operator_id, protocol=new.protocol, kind=new.kind, at=change.now, by=by)
            row.detail = _detail(new)
            change.session.add(row)
            change.session.flush()
            detail: Detail = {"protocol": new.protocol, "kind": new.kind, "credential": row.id}
            change.log(by, "credential.added", f"operator/{operator_id}", detail)
            return _event(row)

    def of(self, operator_id: str) -> tuple[Event, ...]:
        """All events of an operator, oldest first.

        Raises:
            RecordUnknown: there is no such operator.
        """
        query = select(CredentialRow).where(CredentialRow.operator_id == operator_id).order_by(CredentialRow.at, CredentialRow.id)
        with self._store.read() as session:
            found(session.get(OperatorRow, operator_id), "operator", operator_id)
            return tuple(_event(row) for row in session.scalars(query))

    def counted(self, operator_id: str, protocol: str, min_quality: int) -> Counted:
        """Exams of an operator that another person has reviewed, with at least this quality; never exams of a simulated chest."""
        with self._store.read() as session:
            return counted(session, operator_id, protocol, min_quality)


def counted(session: Session, operator_id: str, protocol: str, min_quality: int) -> Counted:
    """See `Credentials.counted`; a review that its reader has replaced does not count."""
    later = aliased(ReviewRow)
    replaced = select(later.id).where(later.supersedes == ReviewRow.id, later.saved_at.is_not(None))
    reviewed = select(ReviewRow.id).where(
        ReviewRow.exam_id == ExamRow.id,
        ReviewRow.saved_at.is_not(None),
        ReviewRow.reviewer_id != operator_id,
        ReviewRow.quality["value"].as_integer() >= min_quality,
        ~replaced.exists(),
    )
    taken = (ExamRow.operator_id == operator_id, ExamRow.protocol == protocol, ExamRow.simulated.is_(False))
    exams = session.scalar(select(func.count()).select_from(ExamRow).where(*taken, reviewed.exists())) or 0
    return Counted(exams, session.scalar(select(func.max(ExamRow.begun_at)).where(*taken)))


def _detail(new: NewEvent) -> Json:
    dates = {"valid_from": new.valid_from, "valid_to": new.valid_to}
    return {
        **{name: at.isoformat() for name, at in dates.items() if at is not None},
        "score": new.score,
        "items": dict(new.items),
        "version": new.version,
        "note": new.note,
    }


def _event(row: CredentialRow) -> Event:
    detail = row.detail
    return Event(
        id=row.id,
        operator_id=row.operator_id,
        protocol=row.protocol,
        kind=row.kind,
        at=row.at,
        by=row.by,
        valid_from=_date(detail.get("valid_from")),
        valid_to=_date(detail.get("valid_to")),
        score=detail["score"],
        items=tuple(detail["items"].items()),
        version=detail["version"],
        note=detail["note"],
    )


def _date(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
