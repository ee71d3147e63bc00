"""Latch: an event that a signal handler can set at any moment.

`threading.Event.set` takes a lock. If the interrupted thread has this lock, the handler waits for ever. Releasing a plain lock never waits.

Python runs a handler in the main thread, between two of its instructions. A signal that another thread receives, or that comes right before
the main thread blocks, does not end a wait for a lock. So no wait is longer than `LOOK_S`.
"""

import time
from contextlib import suppress
from threading import Lock

LOOK_S = 0.5
"""The longest wait in one piece, in seconds."""


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
        end = None if timeout is None else time.monotonic() + timeout
        while not self._is_set:
            left = LOOK_S if end is None else min(LOOK_S, max(0.0, end - time.monotonic()))
            if self._gate.acquire(timeout=left):
                self._open()  # for the next thread that waits
            elif left == 0:
                break
        return self._is_set

    def _open(self) -> None:
        with suppress(RuntimeError):  # already open
            self._gate.release()
