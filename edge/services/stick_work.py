"""The one long work with a stick, which begins at a page: a person follows it, cancels it, and reads how it ended."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import structlog

from edge.disk.layout import DataFolder
from edge.disk.sticks import FoundStick, sticks
from edge.exchange.stick.present import KnownReceiver, Present, present
from edge.exchange.stick.receiver import Receiver
from edge.exchange.stick.writer import EXAM, Progress, Written
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.store import Store
from edge.services.stick import Received, StickService, busy
from firmware_bridge.errors import Conflict, Damaged, NotFound, SonoEdgeError

CLOSE_S = 0.3
"""How long a stop waits for the end of the work: it ends between two pieces of a file. What is complete on the stick stays."""

log = structlog.get_logger()


class StickUnknown(NotFound):
    """The stick that a person chose is not there now."""

    code = "stick-unknown"
    says_code = "stick_unknown"


class ReceiverUnknown(NotFound):
    """No key with this fingerprint is on a stick or in the data folder."""

    code = "receiver-unknown"
    says_code = "receiver_unknown"


class KeyUnconfirmed(Conflict):
    """The key is on a stick only, and nobody states that it is the receiver's: the person who put it there could open the exams."""

    code = "key-unconfirmed"


class StickWorkFailed(Damaged):
    """The work ended by a defect of the appliance."""

    code = "stick-work-failed"
    says_code = "stick_work_failed"


@dataclass(frozen=True, slots=True)
class StickWork:
    """The work that runs, or the last one: exams for `receiver`, or reviews where there is none, on the stick named `stick`.

    `done` of `count` exams or reviews are complete, and `share` (0 to 1) of the whole. It ended with the result, with a problem, or because
    a person or the end of the appliance `cancelled` it.
    """

    kind: Literal["export", "reviews"]
    by: str
    stick: str
    receiver: Receiver | None
    begun_at: datetime
    ended_at: datetime | None = None
    done: int = 0
    count: int = 0
    share: float = 0.0
    cancelled: bool = False
    problem: SonoEdgeError | None = None
    result: Written | Received | None = None


class _Cancelled(Exception):
    """Ends the work from within its progress."""


class StickWorkService:
    """Any thread may use it; its methods wait for disks, except `state` and `cancel`. It remembers the last work until it ends."""

    def __init__(self, service: StickService, data: DataFolder, store: Store) -> None:
        self._service, self._data, self._now = service, data, store.now
        self._lock, self._ending = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._work: StickWork | None = None
        self._closed = False

    def present(self, actor: Actor) -> Present:
        """The sticks, and the receivers whose keys are on them or are remembered.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return present(self._data, self._now())

    def state(self, actor: Actor) -> StickWork | None:
        """The work that runs, or the last one; None before the first.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return self._work

    def export(self, actor: Actor, exams: Sequence[str], stick: str, fingerprint: str, *, confirmed: bool = False) -> StickWork:
        """Begins to write exams, all that were ended where none is named, to the stick with an id for the receiver with a fingerprint.

        `confirmed`: the actor compared the fingerprint with the receiver.

        Raises:
            NotAllowed, PinNeeded: the actor is not allowed to export, or has to give the PIN again.
            StickUnknown: the stick is not there now.
            ReceiverUnknown, KeyUnusable: there is no such key, or it has expired.
            KeyUnconfirmed: the key is on a stick only, and is not confirmed.
            StickBusy: other work with a stick runs.
        """
        actor.require(Verb.EXPORT)
        disk, known = self._stick(stick), self._receiver(fingerprint)
        if known.problem:
            raise known.problem
        if not (known.remembered or confirmed):
            what = "Nobody has confirmed the key of {receiver} on this board yet"
            fix = "Compare its fingerprint with the receiver, then confirm it"
            raise KeyUnconfirmed(what, fix, says="key_unconfirmed", receiver=known.receiver.name)
        new = StickWork("export", actor.name, disk.name, known.receiver, self._now())
        return self._begin(new, lambda progress: self._service.export(actor, exams, disk.folder, known.receiver, progress))

    def receive(self, actor: Actor, stick: str) -> StickWork:
        """Begins to add the reviews on the stick with an id.

        Raises:
            NotAllowed: the actor is not allowed to enrol people.
            StickUnknown: the stick is not there now.
            StickBusy: other work with a stick runs.
        """
        actor.require(Verb.ENROL)
        disk = self._stick(stick)
        new = StickWork("reviews", actor.name, disk.name, None, self._now())
        return self._begin(
            new, lambda progress: self._service.receive(actor, disk.folder, lambda done, count: progress(done * EXAM, count * EXAM))
        )

    def cancel(self, actor: Actor) -> StickWork | None:
        """Asks the work that runs to end; what is complete stays, and the same work goes on from there.

        Raises:
            NotAllowed, PinNeeded: the actor is not allowed to export, or has to give the PIN again.
        """
        actor.require(Verb.EXPORT)
        self._ending.set()
        return self._work

    def close(self) -> None:
        """Ends the work; from now on none begins."""
        with self._lock:
            self._closed, thread = True, self._thread
            self._ending.set()
        if thread is not None:
            thread.join(CLOSE_S)

    def _stick(self, wanted: str) -> FoundStick:
        for each in sticks(self._data.root):
            if each.id == wanted:
                return each
        raise StickUnknown("This stick is not there any more", "Insert it again, and choose it again")

    def _receiver(self, fingerprint: str) -> KnownReceiver:
        for each in present(self._data, self._now()).receivers:
            if each.receiver.fingerprint == fingerprint:
                return each
        raise ReceiverUnknown("No key with this fingerprint is here", "Insert the stick with the key of the receiver, and choose it")

    def _begin(self, work: StickWork, do: Callable[[Progress], Written | Received]) -> StickWork:
        with self._lock:
            if self._closed or (self._work is not None and self._work.ended_at is None):
                raise busy()
            self._ending.clear()
            self._work = work
            self._thread = threading.Thread(target=self._run, args=(work, do), name="stick", daemon=True)
            self._thread.start()
        return work

    def _run(self, begun: StickWork, do: Callable[[Progress], Written | Received]) -> None:
        latest = begun

        def advance(done: int, total: int) -> None:
            nonlocal latest
            if self._ending.is_set() and done < total:  # what is whole is no cancelled work
                raise _Cancelled
            self._work = latest = replace(begun, done=done // EXAM, count=total // EXAM, share=done / max(1, total))

        try:
            result = do(advance)
            self._end(replace(latest, result=result))
        except _Cancelled:
            self._end(replace(latest, cancelled=True))
        except SonoEdgeError as error:
            log.warning("the work with the stick ended", kind=begun.kind, problem=error.what)
            self._end(replace(latest, problem=error))
        except Exception as error:
            log.exception("the work with the stick failed", kind=begun.kind)
            what = f"The work with the stick ended by a defect ({type(error).__name__})"
            self._end(replace(latest, problem=StickWorkFailed(what, "Read the log, and try again")))

    def _end(self, work: StickWork) -> None:
        with self._lock:
            self._work = replace(work, ended_at=self._now())
