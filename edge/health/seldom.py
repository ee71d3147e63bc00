"""A filter that passes the same message of a library only once in a while, so that nobody can fill the disk through the log."""

import logging
import threading
import time
from collections.abc import Callable

AGAIN_S = 60.0
"""The same message of the same library is logged at most once in this many seconds."""
MOST = 500
"""How many different messages are remembered; beyond this, the oldest is forgotten."""

Key = tuple[str, str, str]


class Seldom(logging.Filter):
    """Passes every message of `ours`, and repeated messages of libraries with the number of those that were left out.

    Two messages are the same if their text without its values and the type of their exception are. asyncio, for example, logs every failed
    `accept` with a traceback, thousands of times a second while no file descriptor is free.
    """

    def __init__(self, ours: tuple[str, ...], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._ours, self._clock = frozenset(ours), clock
        self._turn = threading.Lock()
        self._logged: dict[Key, tuple[float, int]] = {}
        """When each message was logged last, and how many were left out since then."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] in self._ours or not isinstance(record.msg, str):
            return True
        key, now = _key(record), self._clock()
        with self._turn:
            at, left_out = self._logged.get(key, (-AGAIN_S, 0))
            if now - at < AGAIN_S:
                self._logged[key] = at, left_out + 1
                return False
            self._note(key, now)
        if left_out:
            record.msg = f"{record.msg.rstrip()} ({left_out} more like this were not logged)"
        return True

    def _note(self, key: Key, now: float) -> None:
        self._logged.pop(key, None)
        self._logged[key] = now, 0
        if len(self._logged) > MOST:
            self._logged.pop(next(iter(self._logged)))


def _key(record: logging.LogRecord) -> Key:
    failure = record.exc_info[0] if record.exc_info else None
    return record.name, str(record.msg), failure.__name__ if failure else ""
