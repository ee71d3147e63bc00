"""Closers: everything that is open, and how it is closed. Closed in reverse, each within its time, so that a stop always ends."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Closer:
    """`close` may block; after `within_s` seconds the stop goes on without it."""

    name: str
    close: Callable[[], None]
    within_s: float


class Closers:
    """Any thread may use it. A closer that fails or takes too long is named in the log, and the rest is closed all the same."""

    def __init__(self) -> None:
        self._lock, self._closing = threading.Lock(), threading.Lock()
        self._open: list[Closer] = []
        self._closed = False

    def push(self, name: str, close: Callable[[], None], within_s: float) -> bool:
        """Registers how something is closed; False, and nothing is registered, where the stop has begun already."""
        with self._lock:
            if not self._closed:
                self._open.append(Closer(name, close, within_s))
            return not self._closed

    def close(self) -> list[BaseException]:
        """Closes the newest first and returns what failed, in order. A second caller waits for the first and finds nothing to do."""
        failed: list[BaseException] = []
        with self._closing:
            while (closer := self._pop()) is not None:
                if (error := close_within(closer)) is not None:
                    failed.append(error)
        return failed

    def _pop(self) -> Closer | None:
        with self._lock:
            self._closed = True
            return self._open.pop() if self._open else None


def close_within(closer: Closer) -> BaseException | None:
    """Closes it in a thread of its own, waited for as long as it may take; returns why it failed."""
    failed: list[BaseException] = []

    def close() -> None:
        try:
            closer.close()
        except BaseException as error:
            log.exception("not closed in good order", what=closer.name)
            failed.append(error)

    thread = threading.Thread(target=close, name=f"close {closer.name}", daemon=True)
    thread.start()
    thread.join(closer.within_s)
    if thread.is_alive():
        log.error("did not end in its time; the stop goes on without it", what=closer.name, seconds=closer.within_s)
    return failed[0] if failed else None
