"""The settings of the source: depth, gain and others, set by a person.

A probe begins a new image for each request, and its frames wait meanwhile. So requests that come while the source is being set are
sent together afterwards, the last value of each setting wins, and the source rests between two of them.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.services.busy import busy
from firmware_bridge.frame import AcquisitionSettings

MOST = 4
"""How many requests can wait to be sent together. Each uses a thread of the API."""
REST_S = 0.2
"""The least time between two requests to the source, in seconds."""

Apply = Callable[[AcquisitionSettings], AcquisitionSettings]


@dataclass(slots=True, eq=False)
class _Together:
    """Requests that are sent as one."""

    asked: AcquisitionSettings
    people: int = 1
    answer: "Future[AcquisitionSettings]" = field(default_factory=Future)


class SourceService:
    """Any thread may use it."""

    def __init__(self, apply: Apply, now: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep) -> None:
        """`apply` sets the source and returns its new settings."""
        self._apply, self._now, self._pause = apply, now, pause
        self._joining, self._turn = threading.Lock(), threading.Lock()
        self._next: _Together | None = None
        self._rests_until = now()

    def set(self, actor: Actor, settings: AcquisitionSettings) -> AcquisitionSettings:
        """Sets the source and returns its new settings; it can take seconds, so call it from a thread.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            ApplianceBusy: too many requests wait.
            BridgeError: there is no source, or it does not answer.
        """
        actor.require(Verb.SCAN)
        with self._joining:
            together, first = self._next, self._next is None
            if together is None:
                together = self._next = _Together(settings)
            elif together.people < MOST:
                together.asked, together.people = together.asked.changed_by(settings), together.people + 1
            else:
                raise busy()
        if first:
            self._send(together)
        return together.answer.result()

    def _send(self, together: _Together) -> None:
        with self._turn:
            self._pause(max(0.0, self._rests_until - self._now()))
            with self._joining:
                self._next = None
            try:
                together.answer.set_result(self._apply(together.asked))
            except BaseException as error:  # everybody who waits receives it
                together.answer.set_exception(error)
            finally:
                self._rests_until = self._now() + REST_S
