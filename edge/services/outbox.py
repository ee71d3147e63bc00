"""The outbox: what is sent to the hospital, who is allowed to send it, and the worker that sends."""

import random
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import structlog

from edge.disk.layout import DataFolder
from edge.exam.exam import ExamRefused
from edge.exam.stored import StoredExams
from edge.exchange.hand_over import HandOver
from edge.exchange.outbox.course import Patience
from edge.exchange.outbox.peers import couriers_of
from edge.exchange.outbox.sender import Sender
from edge.exchange.peers.file import HospitalInvalid, load_hospital
from edge.exchange.peers.hospital import NEVER, WHEN_SIGNED, Hospital
from edge.exchange.peers.known import known_hospital, remember_hospital
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.exams.retention import SIGNED
from edge.records.outbox.deliveries import Deliveries
from edge.records.outbox.delivery import STATES, DeliveredObject, Delivery
from edge.services.book import readable
from firmware_bridge.errors import Conflict, DiskRefuses

LOOK_S = 2.0
"""How often the worker looks for what is due; another process can queue as well."""
AGAIN_S = 30.0
"""Wait after the disk refused the records."""

log = structlog.get_logger()


class NoPeers(Conflict):
    """The hospital of this appliance has nobody to send to, or no peer of this name."""

    code = "no-peers"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of an exam: its deliveries, the first one first. `peers` are those to which it can be sent."""

    deliveries: tuple[Delivery, ...]
    peers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutboxFigures:
    """For everybody, as no figure tells of a patient: deliveries by state, and for how many seconds the oldest one waits to arrive."""

    states: Mapping[str, int]
    waits_s: float


@dataclass(frozen=True, slots=True)
class Standing:
    """`peers` are those of the hospital; `states` counts the deliveries in each state, a state without one is left out."""

    peers: tuple[str, ...]
    states: Mapping[str, int]


class OutboxService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, stored: StoredExams, hand_over: HandOver, data: DataFolder) -> None:
        self._stored, self._deliveries, self._data = stored, Deliveries(stored.store), data
        self._exam, self._known = hand_over.of, known_hospital(data.root)

    def newest(self, actor: Actor, limit: int, before_id: str | None = None, states: Collection[str] = ()) -> tuple[Delivery, ...]:
        """The deliveries queued last, of exams that the actor is allowed to read; those in some states where they are given.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return self._deliveries.newest(limit, before_id, states, readable(actor))

    def standing(self, actor: Actor) -> Standing:
        """How many deliveries are in which state, of exams that the actor is allowed to read.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return Standing(self._peers(), self._deliveries.counts(readable(actor)))

    def figures(self) -> OutboxFigures:
        """Those of this moment."""
        since = self._deliveries.open_since()
        waits_s = (self._stored.store.now() - since).total_seconds() if since else 0.0
        return OutboxFigures(dict.fromkeys(STATES, 0) | dict(self._deliveries.counts()), waits_s)

    def of_exam(self, actor: Actor, exam_id: str) -> Sent:
        """The deliveries of an exam.

        Raises:
            RecordUnknown: no exam has this id.
            NotAllowed: the actor is not allowed to read it.
        """
        actor.require(Verb.READ)
        actor.require(Verb.READ, self._stored.records.get(exam_id).protocol)
        return Sent(self._deliveries.of_exam(exam_id), self._peers())

    def id_of(self, actor: Actor, part: str) -> str:
        """The id of the delivery that a person names by the beginning or the end of its id.

        Raises:
            RecordUnknown: no delivery fits, or more than one.
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return self._deliveries.id_of(part)

    def get(self, actor: Actor, delivery_id: str) -> tuple[Delivery, tuple[DeliveredObject, ...]]:
        """One delivery, and what became of each of its objects.

        Raises:
            RecordUnknown: no delivery has this id.
            NotAllowed: the actor is not allowed to read its exam.
        """
        delivery = self._required(actor, Verb.READ, delivery_id)
        return delivery, self._deliveries.objects(delivery_id)

    def send(self, actor: Actor, exam_id: str, peers: Collection[str] = ()) -> tuple[Delivery, ...]:
        """Queues the newest report of a signed exam with its images, for these peers or else for all; what is queued stays as it is.

        Raises:
            NotAllowed, PinNeeded: the actor is not allowed to export exams, or has to give the PIN again.
            RecordUnknown: no exam has this id.
            ExamRefused: it is not signed.
            NoPeers, HospitalInvalid: the hospital has no such peer, or its file cannot be used.
        """
        actor.require(Verb.EXPORT)
        exam = self._stored.records.get(exam_id)
        actor.require(Verb.EXPORT, exam.protocol)
        known = _receivers(self._hospital())
        if exam.state not in SIGNED:
            raise ExamRefused("This exam is not signed", "Sign it, then send it", says="unsigned_not_sent")
        if not known or not set(peers) <= set(known):
            wanted = ", ".join(sorted(set(peers) - set(known))) or "any peer"
            raise NoPeers("This appliance does not know {wanted} to send to", "Write it into hospital.yaml", says="no_peers", wanted=wanted)
        return self._deliveries.queue(actor.name, exam_id, peers or known)

    def retry(self, actor: Actor, delivery_id: str) -> Delivery:
        """Lets a delivery be tried again at once.

        Raises:
            RecordUnknown: no delivery has this id.
            NotAllowed, PinNeeded: the actor is not allowed to export its exam, or has to give the PIN again.
            DeliveryStale: the peer has it, or a later report of its exam.
        """
        return self._deliveries.retry(actor.name, self._required(actor, Verb.EXPORT, delivery_id).id)

    def cancel(self, actor: Actor, delivery_id: str) -> Delivery:
        """Ends a delivery that the peer does not have yet.

        Raises:
            RecordUnknown, NotAllowed, PinNeeded: see `retry`.
            DeliveryStale: the peer has it, or it is cancelled already.
        """
        return self._deliveries.cancel(actor.name, self._required(actor, Verb.EXPORT, delivery_id).id)

    def automatic(self) -> tuple[str, ...]:
        """The peers that receive each report when it is signed. A file that cannot be used stops no signature; the worker states it."""
        return tuple(peer.name for peer in self._hospital_or_known().peers if peer.send == WHEN_SIGNED)

    def run(self, stopping: threading.Event) -> None:
        """Sends what is due until the appliance stops.

        Raises:
            HospitalInvalid: the file of the hospital cannot be used.
        """
        couriers = couriers_of(self._hospital, self._exam, self._data.root)
        sender = Sender(self._stored.store, couriers, self._data.spool, Patience(random.Random()))  # noqa: S311 - no secret
        while not stopping.is_set():
            self._hospital()
            try:
                sender.begin()
                while not stopping.is_set():
                    if not sender.step(stopping):
                        stopping.wait(LOOK_S)
            except DiskRefuses as error:
                log.warning("nothing is sent while the records cannot be written", problem=error.what)
                stopping.wait(AGAIN_S)

    def _peers(self) -> tuple[str, ...]:
        return _receivers(self._hospital_or_known())

    def _hospital(self) -> Hospital:
        now = load_hospital(self._data.root)
        if now != self._known:
            remember_hospital(self._data.root, now)
        self._known = now
        return now

    def _hospital_or_known(self) -> Hospital:
        """As its file states it, or as it did when it was last usable."""
        try:
            return self._hospital()
        except HospitalInvalid as error:
            log.warning("the hospital's file cannot be used", problem=error.what)
            return self._known

    def _required(self, actor: Actor, verb: Verb, delivery_id: str) -> Delivery:
        actor.require(verb)
        delivery = self._deliveries.get(delivery_id)
        actor.require(verb, self._stored.records.get(delivery.exam_id).protocol)
        return delivery


def _receivers(hospital: Hospital) -> tuple[str, ...]:
    """The peers to which a person can send."""
    return tuple(peer.name for peer in hospital.peers if peer.send != NEVER)
