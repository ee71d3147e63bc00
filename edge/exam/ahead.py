"""Run an iterator a few items ahead in a thread of its own, so that decoding overlaps reading."""

from collections.abc import Generator, Iterable
from queue import Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

LOOK_EVERY_S = 0.1
"""How soon the thread notices, while its queue is full, that the consumer has left."""


class _End:
    """Follows the last item; holds the error that ended the iterator, if any."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


class _Maker(Generic[T]):
    """The side of the thread: fills the queue until the items end or the consumer has left."""

    def __init__(self, items: Iterable[T], depth: int) -> None:
        self.queue: Queue[T | _End] = Queue(depth)
        self.left = Event()
        self._items = items

    def run(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    return
        except Exception as error:
            self._put(_End(error))
        else:
            self._put(_End())

    def _put(self, item: T | _End) -> bool:
        while not self.left.is_set():
            try:
                self.queue.put(item, timeout=LOOK_EVERY_S)
            except Full:
                continue
            return True
        return False


def ahead(items: Iterable[T], depth: int) -> Generator[T, None, None]:
    """Yields the items; at most `depth` of them are made in advance. An error is raised in the place of its item.

    Closing the generator ends the thread and waits for it.
    """
    maker = _Maker(items, depth)
    thread = Thread(target=maker.run, name="ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := maker.queue.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        maker.left.set()
        thread.join()
