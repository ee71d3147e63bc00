"""Latch: an event that a signal handler may set at any moment.

`threading.Event.set` takes a lock that the interrupted thread may hold, and then waits for ever. Releasing a raw lock never waits.
"""

from contextlib import suppress
from threading import Lock


class Latch:
    """Set once, for good. Every method may be called from any thread; `set` from a signal handler as well."""

    def __init__(self) -> None:
        self._is_set = False
        self._gate = Lock()  # held until the latch is set
        self._gate.acquire()

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        self._open()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the latch is set; False if that did not happen in `timeout` seconds."""
        if not self._is_set and self._gate.acquire(timeout=-1 if timeout is None else max(0.0, timeout)):
            self._open()  # for the next one that waits
        return self._is_set

    def _open(self) -> None:
        with suppress(RuntimeError):  # it is open already
            self._gate.release()
