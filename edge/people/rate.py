"""A rate: how many events of one kind each key is allowed in a span of time."""

import threading
from collections import deque
from collections.abc import Hashable
from datetime import timedelta

from edge.records.clock import Running


class Rate:
    """At most `most` events of one key in each `span`. Any thread may use it; a restart forgets."""

    def __init__(self, most: int, span: timedelta, ran: Running) -> None:
        self._most, self._span, self._ran = most, span, ran
        self._turn = threading.Lock()
        self._events: dict[Hashable, deque[timedelta]] = {}

    def admits(self, key: Hashable) -> bool:
        """Counts one more event of the key, unless there were too many: then it is False, and nothing is counted."""
        now = self._ran()
        with self._turn:
            self._forget(now)
            events = self._events.setdefault(key, deque())
            if len(events) >= self._most:
                return False
            events.append(now)
            return True

    def _forget(self, now: timedelta) -> None:
        for key, events in list(self._events.items()):
            while events and now - events[0] >= self._span:
                events.popleft()
            if not events:
                del self._events[key]
