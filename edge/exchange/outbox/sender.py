"""Sender: takes the deliveries that are due, one at a time, and records what came of each.

It records a try before it begins and an answer as soon as it has one. After a power cut at any point it goes on from there: what was on its
way is sent again, and the peer knows it by its UID.
"""

import shutil
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import structlog

from edge.exchange.apart import ProcessEnded
from edge.exchange.dicom.written import IMAGES
from edge.exchange.outbox.courier import Courier, Couriers, Packed
from edge.exchange.outbox.course import NO_ANSWER, Patience, after_asking, after_sending, on_commitment, on_object
from edge.exchange.peers.outcome import Answer
from edge.records.outbox.deliveries import Deliveries
from edge.records.outbox.delivery import MISSING, REFUSED, SENT, WAITING, Delivery, Turn
from edge.records.outbox.sending import Sending
from edge.records.store import Store
from firmware_bridge.errors import DiskRefuses, SonoEdgeError

REST_S = 60.0
"""The longest time for which no other delivery goes to a peer that could not take one."""
SILENT_S = 300.0
"""For so long a peer that did not report its commitment is not asked again: each question waits for it, and deliveries wait meanwhile."""

NO_REST_IS_LONGER = timedelta(seconds=max(REST_S, SILENT_S))
"""One that is was begun while the clock was wrong."""
NOTHING: Mapping[str, Answer] = MappingProxyType({})

log = structlog.get_logger()


class Sender:
    """For one thread."""

    def __init__(self, store: Store, couriers: Couriers, spool: Path, patience: Patience) -> None:
        """`spool` is a folder of its own for the objects of one delivery."""
        self._store, self._couriers, self._spool, self._patience = store, couriers, spool, patience
        self._sending, self._deliveries = Sending(store), Deliveries(store)
        self._rests: dict[tuple[str, str], datetime] = {}
        """By peer and state of a delivery."""

    def begin(self) -> None:
        """Goes on where the appliance ended: clears the spool, and queues again what was on its way."""
        self._clear()
        self._sending.recover()

    def step(self, stopping: threading.Event) -> bool:
        """Tries the delivery that is due; False where none is.

        Raises:
            RecordsFull: the disk refuses the records.
            SonoEdgeError: what the couriers raise for a peer.
        """
        now = self._store.now()
        self._rests = {key: until for key, until in self._rests.items() if now < until <= now + NO_REST_IS_LONGER}
        delivery = self._sending.due(now, self._rests)
        if delivery is None:
            return False
        courier = self._couriers(delivery.peer)
        if self._sending.begin(delivery.id):
            try:
                self._try(courier, delivery, stopping)
            finally:
                self._clear()
        return True

    def _try(self, courier: Courier | None, delivery: Delivery, stopping: threading.Event) -> None:
        attempts = delivery.attempts + 1
        if courier is None:
            self._end(delivery, Turn(REFUSED, f"hospital.yaml has no peer {delivery.peer}", "peer-unknown"))
            return
        try:
            if delivery.state == SENT:
                self._ask(courier, delivery, attempts)
                return
            turn = self._send(courier, delivery, attempts, stopping)
        except (DiskRefuses, OSError) as error:
            turn = Turn(WAITING, str(error), "disk", self._patience.after(attempts))
        except ProcessEnded as error:
            turn = Turn(WAITING, str(error), error.code, self._patience.after(attempts))
        except SonoEdgeError as error:
            turn = Turn(REFUSED, str(error), error.code)
        except Exception as error:  # one exam that cannot be made must not stop the others
            log.exception("a delivery failed", delivery=delivery.id, peer=delivery.peer)
            turn = Turn(REFUSED, f"The appliance failed to send this ({type(error).__name__}). Its log explains the failure", "failed")
        if turn is not None:
            self._end(delivery, turn)

    def _send(self, courier: Courier, delivery: Delivery, attempts: int, stopping: threading.Event) -> Turn | None:
        """None where the appliance stops, or a person cancelled the delivery."""
        packed = self._pack(courier, delivery)
        owed = self._sending.list_objects(delivery.id, packed.objects)
        answers: dict[str, Answer] = dict.fromkeys(owed, NO_ANSWER)
        for uid, answer in courier.send([parcel for parcel in packed.parcels if parcel.new.uid in owed]) if owed else ():
            answers[uid] = answer
            if not self._sending.answered(delivery.id, uid, on_object(answer)) or stopping.is_set():
                return None
        complete = courier.keeps_images and not any(each.kind in IMAGES for each in packed.missing)
        return after_sending(answers.values(), attempts, self._patience, confirms=courier.confirms, complete=complete)

    def _pack(self, courier: Courier, delivery: Delivery) -> Packed:
        """Room is not asked for: where the disk is full, sending is what makes room."""
        self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        return courier.pack(delivery, self._spool)

    def _ask(self, courier: Courier, delivery: Delivery, attempts: int) -> None:
        """Asks for storage commitment. A peer whose entry no longer promises it has nothing more to confirm."""
        objects = self._deliveries.objects(delivery.id)
        complete = courier.keeps_images and not any(each.state == MISSING and each.kind in IMAGES for each in objects)
        if not courier.confirms:
            turn = Turn(SENT, delivery.answer, delivery.status, releases=complete)
            self._sending.end(delivery.id, turn)
            return
        asked = [(each.sop_class, each.uid) for each in objects if each.state == SENT]
        answers = {uid: NO_ANSWER for _, uid in asked} | dict(courier.ask(asked) if asked else {})
        turn = after_asking(answers.values(), attempts, self._patience, complete=complete)
        self._end(delivery, turn, answers)

    def _end(self, delivery: Delivery, turn: Turn, committed: Mapping[str, Answer] = NOTHING) -> None:
        self._sending.end(delivery.id, turn, {uid: on_commitment(answer) for uid, answer in committed.items()})
        log.info("delivery", delivery=delivery.id, peer=delivery.peer, state=turn.state, status=turn.status, attempts=delivery.attempts + 1)
        if turn.wait_s:
            self._rest(delivery.peer, turn.state, turn.wait_s)

    def _rest(self, peer: str, state: str, wait_s: float) -> None:
        """A peer that is not there is neither sent to nor asked; one that does not report is only not asked."""
        rest = timedelta(seconds=min(wait_s, REST_S) if state == WAITING else SILENT_S)
        until = self._store.now() + rest
        self._rests |= dict.fromkeys([(peer, SENT)] if state == SENT else [(peer, SENT), (peer, WAITING)], until)

    def _clear(self) -> None:
        shutil.rmtree(self._spool, ignore_errors=True)
