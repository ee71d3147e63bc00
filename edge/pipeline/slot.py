"""LatestSlot: live work always takes the newest frame, and whatever it displaced is handed back to be counted.

Two raw locks rather than a Condition: a Condition makes and queues a new lock for every wait, which costs more than the
whole hand-over, sixty times a second.
"""

from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds one item at most; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._empty = Lock()  # held exactly while there is nothing to take
        self._empty.acquire()
        self._item: T | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def put(self, item: T) -> T | None:
        """Leaves `item` to be taken and returns what it displaced; a closed slot takes nothing and returns `item` itself."""
        with self._lock:
            if self._closed:
                return item
            displaced, self._item = self._item, item
            if displaced is None:
                self._empty.release()
            return displaced

    def take(self, timeout: float) -> T | None:
        """The newest item, waited for up to `timeout` seconds; `None` if none came, or at once when the slot is closed and empty."""
        if not self._empty.acquire(timeout=timeout):
            return None
        with self._lock:
            item, self._item = self._item, None
            if self._closed:
                self._empty.release()
            return item

    def close(self) -> None:
        """Nothing more comes in; what is there can still be taken, and nobody waits any longer."""
        with self._lock:
            if not self._closed and self._item is None:
                self._empty.release()
            self._closed = True
