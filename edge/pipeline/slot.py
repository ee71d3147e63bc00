"""LatestSlot: live work always takes the newest frame; `put` returns the frame that it displaced, so that the caller counts it.

It uses two locks and no Condition. A Condition makes and queues a new lock for every wait, which costs more than the rest of the transfer,
sixty times a second.
"""

from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Contains at most one item; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._empty = Lock()  # locked while there is no item
        self._empty.acquire()
        self._item: T | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def put(self, item: T) -> T | None:
        """Puts `item` into the slot and returns the item that it displaced; a closed slot accepts nothing and returns `item` itself."""
        with self._lock:
            if self._closed:
                return item
            displaced, self._item = self._item, item
            if displaced is None:
                self._empty.release()
            return displaced

    def take(self, timeout: float) -> T | None:
        """Waits up to `timeout` seconds for the newest item. `None` if none came, or at once if the slot is closed and empty."""
        if not self._empty.acquire(timeout=timeout):
            return None
        with self._lock:
            item, self._item = self._item, None
            if self._closed:
                self._empty.release()
            return item

    def close(self) -> None:
        """Accepts no more items. The last one can still be taken, and every wait ends."""
        with self._lock:
            if not self._closed and self._item is None:
                self._empty.release()
            self._closed = True
