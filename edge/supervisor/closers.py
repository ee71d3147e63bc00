"""Closers: a stack of everything that is open. It is closed in reverse, each part within its time limit, so that a stop always ends."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Closer:
    """`close` can block; after `within_s` seconds the stop continues without it."""

    name: str
    close: Callable[[], None]
    within_s: float


class Closers:
    """Safe to use from any thread. The log names a closer that fails or takes too long, and the others are still closed."""

    def __init__(self) -> None:
        self._lock, self._closing = threading.Lock(), threading.Lock()
        self._open: list[Closer] = []
        self._closed = False

    def push(self, name: str, close: Callable[[], None], within_s: float) -> bool:
        """Adds a closer. Returns False and adds nothing if the stop has already begun."""
        with self._lock:
            if not self._closed:
                self._open.append(Closer(name, close, within_s))
            return not self._closed

    def close(self) -> list[BaseException]:
        """Closes the newest first and returns the errors in order. A second caller waits for the first and then has nothing to do."""
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
    """Runs `close` in its own thread and waits up to its time limit; returns the error if it failed."""
    failed: list[BaseException] = []

    def close() -> None:
        try:
            closer.close()
        except BaseException as error:
            log.exception("closing failed", what=closer.name)
            failed.append(error)

    thread = threading.Thread(target=close, name=f"close {closer.name}", daemon=True)
    thread.start()
    thread.join(closer.within_s)
    if thread.is_alive():
        log.error("did not close in time; the stop continues without it", what=closer.name, seconds=closer.within_s)
    return failed[0] if failed else None
