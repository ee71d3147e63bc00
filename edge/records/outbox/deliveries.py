"""The outbox as people see and change it: what is queued, what became of it, and the acts on it. Each change is one transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from edge.records.audit.entry import Detail
from edge.records.errors import RecordUnknown
from edge.records.ids import SHORTEST_ID, fits, new_id
from edge.records.outbox.delivery import (
    CANCELLABLE,
    CANCELLED,
    CONFIRMED,
    MISSING,
    OPEN,
    REFUSED,
    RETRIED,
    SENT,
    WAITING,
    DeliveredObject,
    Delivery,
    DeliveryStale,
    require_state,
)
from edge.records.outbox.row import DeliveredObjectRow, DeliveryRow
from edge.records.rows import found, stored
from edge.records.schema import ExamRow, ReportRow
from edge.records.store import Store, Transaction

COUNTS = ("objects", "missing", "taken", "confirmed_objects", "warned")


def queue(change: Transaction, actor: str, exam_id: str, report: int, peers: Collection[str]) -> tuple[DeliveryRow, ...]:
    """Queues a report for peers within a change; the delivery of a peer that was queued before stays as it is."""
    mine = select(DeliveryRow).where(DeliveryRow.exam_id == exam_id, DeliveryRow.report == report, DeliveryRow.peer.in_(peers))
    known = {row.peer: row for row in change.session.scalars(mine)}
    added = {peer: _row(change, actor, exam_id, report, peer) for peer in peers if peer not in known}
    change.session.add_all(added.values())
    for row in added.values():
        log(change, actor, "delivery.queued", row)
    rows = known | added
    return tuple(rows[peer] for peer in peers)


def log(change: Transaction, actor: str, act: str, row: DeliveryRow, **more: str | int) -> None:
    """The audit entry of an act on a delivery."""
    detail: Detail = {"delivery": row.id, "peer": row.peer, "report": row.report, **more}
    change.log(actor, act, f"exam/{row.exam_id}", detail)


class Deliveries:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, delivery_id: str) -> Delivery:
        """One delivery.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.read() as session:
            return one(session, delivery_id)

    def id_of(self, part: str) -> str:
        """The id of the one delivery whose id begins or ends with `part`.

        Raises:
            RecordUnknown: there is none, or more than one.
        """
        text = part.strip().lower()
        with self._store.read() as session:
            ids = session.scalars(select(DeliveryRow.id).where(fits(DeliveryRow.id, text)).limit(2)).all()
        if len(text) < SHORTEST_ID or len(ids) != 1:
            known = "More than one delivery fits" if len(text) >= SHORTEST_ID and ids else "There is no delivery"
            raise RecordUnknown(f"{known} {part}", f"Give an id of the list, or {SHORTEST_ID} or more characters of its end")
        return ids[0]

    def newest(
        self, limit: int = 50, before_id: str | None = None, states: Collection[str] = (), protocols: Collection[str] | None = None
    ) -> tuple[Delivery, ...]:
        """The last queued first, of those queued before `before_id`; in some states, and of exams under some protocols, or of any."""
        query = select(DeliveryRow).order_by(DeliveryRow.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(DeliveryRow.id < before_id)
        if states:
            query = query.where(DeliveryRow.state.in_(states))
        if protocols is not None:
            query = query.join(ExamRow, ExamRow.id == DeliveryRow.exam_id).where(ExamRow.protocol.in_(protocols))
        with self._store.read() as session:
            return deliveries(session, session.scalars(query).all())

    def counts(self, protocols: Collection[str] | None = None) -> Mapping[str, int]:
        """How many deliveries are in each state, of exams under some protocols, or of any; a state without one is left out."""
        query = select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)
        if protocols is not None:
            query = query.join(ExamRow, ExamRow.id == DeliveryRow.exam_id).where(ExamRow.protocol.in_(protocols))
        with self._store.read() as session:
            return {state: count for state, count in session.execute(query)}  # noqa: C416 - mypy does not take a row for a pair

    def open_since(self) -> datetime | None:
        """When the oldest delivery was queued that its peer does not have yet; None where every one has arrived."""
        with self._store.read() as session:
            return session.scalar(select(func.min(DeliveryRow.queued_at)).where(DeliveryRow.state.in_(OPEN)))

    def of_exam(self, exam_id: str) -> tuple[Delivery, ...]:
        """Every delivery of an exam, the first queued first."""
        with self._store.read() as session:
            query = select(DeliveryRow).where(DeliveryRow.exam_id == exam_id).order_by(DeliveryRow.id)
            return deliveries(session, session.scalars(query).all())

    def objects(self, delivery_id: str) -> tuple[DeliveredObject, ...]:
        """The manifest of a delivery, in the order of sending; empty before its objects were made."""
        query = select(DeliveredObjectRow).where(DeliveredObjectRow.delivery_id == delivery_id).order_by(DeliveredObjectRow.position)
        with self._store.read() as session:
            return tuple(stored(DeliveredObject, row) for row in session.scalars(query))

    def queue(self, actor: str, exam_id: str, peers: Collection[str]) -> tuple[Delivery, ...]:
        """Queues the newest report of an exam for peers; what is queued already stays as it is.

        Raises:
            RecordUnknown: no exam has this id, or it has no report.
        """
        with self._store.write() as change:
            found(change.session.get(ExamRow, exam_id), "exam", exam_id)
            report = newest_report(change.session, exam_id)
            if report is None:
                raise RecordUnknown(f"Exam {exam_id} has no report", "Sign it first")
            rows = queue(change, actor, exam_id, report, peers)
            change.unlogged()  # where each was queued before
            change.session.flush()
            return tuple(one(change.session, row.id) for row in rows)

    def retry(self, actor: str, delivery_id: str) -> Delivery:
        """Lets a delivery be tried again at once, also one that was refused or cancelled; its refused objects are sent again.

        Raises:
            RecordUnknown: there is no such delivery.
            DeliveryStale: it is on its way or with the peer, or the peer has a later report of this exam.
        """
        with self._store.write() as change:
            row = found(change.session.get(DeliveryRow, delivery_id), "delivery", delivery_id)
            require_state(row.state, RETRIED)
            _require_newest_sent(change.session, row)
            for each in change.session.scalars(select(DeliveredObjectRow).where(DeliveredObjectRow.delivery_id == row.id)):
                each.state = WAITING if each.state == REFUSED else each.state
            row.state, row.attempts, row.next_at, row.ended_at, row.ended_by = WAITING, 0, change.now, None, None
            log(change, actor, "delivery.retried", row)
            return one(change.session, row.id)

    def cancel(self, actor: str, delivery_id: str) -> Delivery:
        """Ends a delivery that the peer does not have yet; objects that it took stay there.

        Raises:
            RecordUnknown: there is no such delivery.
            DeliveryStale: the peer has it, or it is cancelled already.
        """
        with self._store.write() as change:
            row = found(change.session.get(DeliveryRow, delivery_id), "delivery", delivery_id)
            require_state(row.state, CANCELLABLE)
            row.state, row.next_at, row.ended_at, row.ended_by = CANCELLED, None, change.now, actor
            log(change, actor, "delivery.cancelled", row)
            return one(change.session, row.id)


def newest_report(session: Session, exam_id: str) -> int | None:
    """The number of the newest report of an exam; None where it has none."""
    return session.scalar(select(func.max(ReportRow.number)).where(ReportRow.exam_id == exam_id))


def deliveries(session: Session, rows: Sequence[DeliveryRow]) -> tuple[Delivery, ...]:
    """The deliveries of these rows, with the counts of their objects."""
    state = DeliveredObjectRow.state
    kinds = (state != MISSING, state == MISSING, state.in_((SENT, CONFIRMED)), state == CONFIRMED, DeliveredObjectRow.warned)
    sums = [func.count().filter(each) for each in kinds]
    mine = DeliveredObjectRow.delivery_id.in_([row.id for row in rows])
    found = session.execute(select(DeliveredObjectRow.delivery_id, *sums).where(mine).group_by(DeliveredObjectRow.delivery_id)).all()
    counts = {each[0]: dict(zip(COUNTS, each[1:], strict=True)) for each in found}
    return tuple(stored(Delivery, row, **counts.get(row.id, dict.fromkeys(COUNTS, 0))) for row in rows)


def one(session: Session, delivery_id: str) -> Delivery:
    """One delivery as it is in this transaction.

    Raises:
        RecordUnknown: there is none with this id.
    """
    session.flush()
    return deliveries(session, [found(session.get(DeliveryRow, delivery_id), "delivery", delivery_id)])[0]


def _row(change: Transaction, actor: str, exam_id: str, report: int, peer: str) -> DeliveryRow:
    return DeliveryRow(
        id=new_id(),
        exam_id=exam_id,
        report=report,
        peer=peer,
        state=WAITING,
        attempts=0,
        queued_at=change.now,
        queued_by=actor,
        next_at=change.now,
        answer="",
        status="",
        receipt="",
    )


def _require_newest_sent(session: Session, row: DeliveryRow) -> None:
    """A report never reaches a peer after a later report of the same exam."""
    later = select(DeliveryRow.report).where(
        DeliveryRow.exam_id == row.exam_id, DeliveryRow.peer == row.peer, DeliveryRow.report > row.report
    )
    newer = session.scalar(later.where(DeliveryRow.state.in_((SENT, CONFIRMED))).limit(1))
    if newer is not None:
        what, fix = "{peer} has report {report} of this exam already", "Leave it: the later report replaces this one"
        raise DeliveryStale(what, fix, says="delivery_overtaken", peer=row.peer, report=newer)
