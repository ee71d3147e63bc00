"""Hub: passes observations from the inference thread to its subscribers. Each subscriber has its own slot for the latest one."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType

from typing_extensions import Self

from edge.pipeline.observation import Observation

RECENT = 32
"""Number of recent observations that the hub stores. Each contains its frame: 10 MB in total at 640x480."""


class Subscription:
    """One subscriber's slot for the latest observation, used on its own event loop."""

    def __init__(self, leave: Callable[["Subscription"], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._latest: Observation | None = None
        self._leave = leave
        self.skipped = 0

    def offer(self, observation: Observation) -> None:
        """Called from the inference thread."""
        try:
            self._loop.call_soon_threadsafe(self._put, observation)
        except RuntimeError:  # the subscriber's event loop has ended
            self._leave(self)

    def _put(self, observation: Observation) -> None:
        self.skipped += self._latest is not None
        self._latest = observation
        self._arrived.set()

    async def next(self) -> Observation:
        """The newest observation that was not taken yet; `skipped` counts those that it displaced."""
        await self._arrived.wait()
        self._arrived.clear()
        taken, self._latest = self._latest, None
        assert taken is not None
        return taken

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._leave(self)


class Hub:
    """Publishes observations; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: deque[Observation] = deque(maxlen=RECENT)
        self._subscriptions: frozenset[Subscription] = frozenset()

    @property
    def latest(self) -> Observation | None:
        recent = self._recent
        return recent[-1] if recent else None

    def recent(self, count: int = RECENT) -> list[Observation]:
        """The newest `count` observations, oldest first."""
        with self._lock:
            return list(self._recent)[-count:] if count > 0 else []

    def publish(self, observation: Observation) -> None:
        with self._lock:
            self._recent.append(observation)
            watchers = self._subscriptions
        for watcher in watchers:
            watcher.offer(observation)

    def subscribe(self) -> Subscription:
        """Call it on the subscriber's own event loop, as a context manager."""
        subscription = Subscription(self._unsubscribe)
        with self._lock:
            self._subscriptions |= {subscription}
        return subscription

    def _unsubscribe(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions -= {subscription}
