"""Latch: an event that a signal handler can set at any moment.

`threading.Event.set` takes a lock. If the interrupted thread has this lock, the handler waits for ever. Releasing a plain lock never waits.
"""

from contextlib import suppress
from threading import Lock


class Latch:
    """It is set once and stays set. Any thread can call every method; a signal handler can also call `set`."""

    def __init__(self) -> None:
        self._is_set = False
        self._gate = Lock()  # locked until the latch is set
        self._gate.acquire()

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        self._open()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the latch is set; False if it was not set within `timeout` seconds."""
        if not self._is_set and self._gate.acquire(timeout=-1 if timeout is None else max(0.0, timeout)):
            self._open()  # for the next thread that waits
        return self._is_set

    def _open(self) -> None:
        with suppress(RuntimeError):  # already open
            self._gate.release()
