"""The outbox as the worker uses it that sends: what is due, and what came of each try. Each change is one transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, not_, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from edge.records.notices import APPLIANCE
from edge.records.outbox.deliveries import log, newest_report, one
from edge.records.outbox.delivery import (
    CONFIRMED,
    MISSING,
    OPEN,
    REFUSED,
    SENDING,
    SENT,
    WAITING,
    Delivery,
    NewObject,
    ObjectAnswer,
    Turn,
)
from edge.records.outbox.row import DeliveredObjectRow, DeliveryRow
from edge.records.schema import ExamRow
from edge.records.store import Store, Transaction

TAKEN = (SENT, CONFIRMED)
"""States of an object that the peer has."""
NO_WAIT_IS_LONGER = timedelta(hours=2)
"""A next try that is later than this was planned while the clock was wrong."""
ACTS = {SENT: "delivery.sent", CONFIRMED: "delivery.confirmed", REFUSED: "delivery.refused"}


class Sending:
    """For one worker at a time, that of the appliance."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def recover(self) -> None:
        """Queues again what was on its way when the appliance ended."""
        with self._store.read() as session:
            if session.scalar(select(DeliveryRow.id).where(DeliveryRow.state == SENDING).limit(1)) is None:
                return
        with self._store.write() as change:
            interrupted = update(DeliveryRow).where(DeliveryRow.state == SENDING)
            change.session.execute(interrupted.values(state=WAITING, next_at=change.now))
            change.unlogged()

    def due(self, now: datetime, resting: Collection[tuple[str, str]] = ()) -> Delivery | None:
        """The delivery to try `now`: the one that waits longest, and for none of the peers that are `resting` in its state.

        A report waits until the earlier reports of its exam are with the same peer, or cancelled. One that a person tries again waits for
        no rest.
        """
        earlier, at = aliased(DeliveryRow), DeliveryRow.next_at
        same = and_(earlier.exam_id == DeliveryRow.exam_id, earlier.peer == DeliveryRow.peer)
        overtakes = exists().where(same, earlier.report < DeliveryRow.report, earlier.state.in_(OPEN))
        by_person = and_(DeliveryRow.attempts == 0, DeliveryRow.tried_at.is_not(None))
        query = (
            select(DeliveryRow.id)
            .where(DeliveryRow.state.in_((WAITING, SENT)), or_(at <= now, at > now + NO_WAIT_IS_LONGER))
            .where(
                not_(and_(DeliveryRow.state == WAITING, overtakes)),
                or_(by_person, tuple_(DeliveryRow.peer, DeliveryRow.state).not_in(resting)),
            )
            .order_by(at, DeliveryRow.id)
        )
        with self._store.read() as session:
            found = session.scalar(query.limit(1))
            return None if found is None else one(session, found)

    def begin(self, delivery_id: str) -> bool:
        """Notes a try before it begins; False where a person cancelled the delivery meanwhile."""
        with self._store.write() as change:
            change.unlogged()
            row = change.session.get_one(DeliveryRow, delivery_id)
            if row.state not in (WAITING, SENT):
                return False
            row.state = SENDING if row.state == WAITING else row.state
            row.attempts, row.tried_at = row.attempts + 1, change.now
            return True

    def list_objects(self, delivery_id: str, objects: Sequence[NewObject]) -> frozenset[str]:
        """Records the objects of a delivery, and returns the UIDs of those that the peer does not have from this or an earlier one."""
        with self._store.read() as session:
            states = {each.uid: each.state for each in session.scalars(select(DeliveredObjectRow).where(_of(delivery_id)))}
        gone = {uid for uid, state in states.items() if state == MISSING} - {new.uid for new in objects}
        if gone or any(new.uid not in states for new in objects):
            states |= self._listed(delivery_id, objects, states, gone)
        return frozenset(new.uid for new in objects if not new.missing and states[new.uid] not in TAKEN)

    def _listed(self, delivery_id: str, objects: Sequence[NewObject], known: Collection[str], gone: Collection[str]) -> Mapping[str, str]:
        """The states of the objects that are new; what was missing and is there now, or is missing for another reason, is `gone`."""
        with self._store.write() as change:
            change.unlogged()
            change.session.execute(delete(DeliveredObjectRow).where(_of(delivery_id), DeliveredObjectRow.uid.in_(gone)))
            earlier = _taken_earlier(change.session, change.session.get_one(DeliveryRow, delivery_id))
            placed = [(position, new) for position, new in enumerate(objects) if new.uid not in known]
            rows = [_object(delivery_id, position, new, earlier.get(new.uid)) for position, new in placed]
            change.session.add_all(rows)
            return {row.uid: row.state for row in rows}

    def answered(self, delivery_id: str, uid: str, answer: ObjectAnswer) -> bool:
        """Records what the peer answered on an object; False where a person cancelled the delivery meanwhile."""
        with self._store.write() as change:
            change.unlogged()
            _set(change, delivery_id, uid, answer)
            return change.session.get_one(DeliveryRow, delivery_id).state == SENDING

    def end(self, delivery_id: str, turn: Turn, objects: Mapping[str, ObjectAnswer] | None = None) -> None:
        """Records the end of a try, with answers on its objects; nothing where a person cancelled the delivery meanwhile."""
        with self._store.write() as change:
            change.unlogged()
            row = change.session.get_one(DeliveryRow, delivery_id)
            if row.state not in (SENDING, SENT):
                return
            for uid, answer in (objects or {}).items():
                _set(change, delivery_id, uid, answer)
            before, row.state, row.answer, row.status = row.state, turn.state, turn.answer, turn.status
            row.next_at = None if turn.wait_s is None else change.now + timedelta(seconds=turn.wait_s)
            if turn.state in ACTS and turn.state != before:
                _reached(change, row, turn)
            if turn.releases:
                _release(change, row)


def _reached(change: Transaction, row: DeliveryRow, turn: Turn) -> None:
    """Words of a peer can name the patient, and nothing can be removed from the audit trail: only the status is logged."""
    if turn.state == SENT:
        row.sent_at, row.receipt = change.now, turn.answer
    elif turn.state == CONFIRMED:
        row.confirmed_at, row.receipt = change.now, turn.answer
    change.session.flush()
    counts = one(change.session, row.id)
    log(change, APPLIANCE, ACTS[turn.state], row, status=turn.status, objects=counts.objects, taken=counts.taken)


def _release(change: Transaction, row: DeliveryRow) -> None:
    """The recordings are allowed to make room, unless the exam has a later report. No person changed the exam: its version stays."""
    if newest_report(change.session, row.exam_id) == row.report:
        change.session.get_one(ExamRow, row.exam_id).sent_at = change.now


def _of(delivery_id: str) -> ColumnElement[bool]:
    return DeliveredObjectRow.delivery_id == delivery_id


def _taken_earlier(session: Session, row: DeliveryRow) -> Mapping[str, DeliveredObjectRow]:
    """The objects of this exam that the peer has from deliveries of other reports, by UID."""
    same = DeliveryRow.exam_id == row.exam_id, DeliveryRow.peer == row.peer, DeliveryRow.id != row.id
    query = select(DeliveredObjectRow).join(DeliveryRow, DeliveryRow.id == DeliveredObjectRow.delivery_id)
    return {each.uid: each for each in session.scalars(query.where(*same, DeliveredObjectRow.state.in_(TAKEN)))}


def _object(delivery_id: str, position: int, new: NewObject, before: DeliveredObjectRow | None) -> DeliveredObjectRow:
    named = {
        "delivery_id": delivery_id,
        "uid": new.uid,
        "position": position,
        "sop_class": new.sop_class,
        "kind": new.kind,
        "zone": new.zone,
    }
    if before is None:
        state = MISSING if new.missing else WAITING
        return DeliveredObjectRow(**named, state=state, warned=False, answer=new.missing, status="", answered_at=None)
    return DeliveredObjectRow(**named, **{name: getattr(before, name) for name in ("state", "warned", "answer", "status", "answered_at")})


def _set(change: Transaction, delivery_id: str, uid: str, answer: ObjectAnswer) -> None:
    row = change.session.get_one(DeliveredObjectRow, (delivery_id, uid))
    row.state, row.answer, row.status = answer.state, answer.answer, answer.status
    row.warned, row.answered_at = answer.warned or (row.warned and answer.state == CONFIRMED), change.now
