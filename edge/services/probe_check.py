"""Checks of the connected probe, from the frames that pass through the pipeline."""

import threading
import time
from contextlib import suppress
from queue import Empty, Full, Queue

from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.pipeline.observation import Observation
from edge.probe.pool import Pool
from edge.probe.record import Asked, conclude
from edge.records.probe_checks import History, ProbeCheck, ProbeChecks
from edge.services.busy import one_at_a_time
from firmware_bridge.errors import Conflict
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import SourceInfo, SourceLoss

SILENCE_S, LONGEST_S = 3.0, 60.0
"""How long a check waits for the next frame, and for all of them."""
WAITING = 32
"""Frames that can wait to be pooled; more are left out, because it does not matter which frames are pooled."""
TURN_S = 0.25
"""How often a waiting check tests whether the appliance ends."""


class CheckRuns(Conflict):
    """One check at a time."""

    code = "probe-check-runs"
    says_code = "probe_check_runs"


class ProbeCheckService:
    """A `Tap` of the pipeline. Every method may be called from any thread."""

    def __init__(self, store: ProbeChecks) -> None:
        self._store = store
        self._one = threading.Lock()
        self._closed = threading.Event()
        self._waiting: Queue[Frame] | None = None

    def frame(self, frame: Frame) -> None:
        if (waiting := self._waiting) is not None:
            with suppress(Full):
                waiting.put_nowait(frame)

    def losses(self, losses: tuple[SourceLoss, ...]) -> None:
        """Lost frames are not a fault of the array."""

    def observation(self, observation: Observation) -> None:
        """The readings of the frames are not used here."""

    def history(self, actor: Actor, serial_number: str) -> History:
        """All checks of one probe.

        Raises:
            NotAllowed: the actor is not allowed to look.
            RecordsFailed: they cannot be read.
        """
        actor.require(Verb.LOOK)
        return self._store.history(serial_number)

    def run(self, actor: Actor, asked: Asked, info: SourceInfo) -> ProbeCheck:
        """Checks the probe on the next frames; takes seconds.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            CheckRuns: another check runs.
            RecordsFailed: the result could not be stored.
        """
        actor.require(Verb.SCAN)
        with one_at_a_time(self._one, lambda: CheckRuns("another check of the probe runs", "Wait until it ends")):
            return conclude(self._pooled(asked), asked, info, self._store)

    def close(self) -> None:
        """Ends a check that waits for frames; it judges the frames that it has."""
        self._closed.set()

    def _pooled(self, asked: Asked) -> Pool:
        """The next frames, until there are enough, none comes for too long, or the time is over."""
        pool, waiting = Pool(), Queue[Frame](WAITING)
        self._waiting = waiting
        last = begun = time.monotonic()
        try:
            while (
                not asked.done(pool) and not self._closed.is_set() and (now := time.monotonic()) < min(last + SILENCE_S, begun + LONGEST_S)
            ):
                with suppress(Empty):
                    pool.add(waiting.get(timeout=TURN_S))
                    last = now
        finally:
            self._waiting = None
        return pool
