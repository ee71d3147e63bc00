"""Builds the messages of the live stream once for all watchers, in a worker thread, and only while there is a watcher."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

from edge.api.live.frame import FrameBuilder
from edge.api.live.message import StreamOut
from edge.api.live.status import StatusBuilder
from edge.api.live.watcher import Watcher
from edge.api.view import ApplianceView

TICK_S = 0.1
"""How often the state of the appliance is compared with the last message, in seconds."""


class Broadcast:
    """Use it on one event loop only."""

    def __init__(self, view: ApplianceView) -> None:
        self.frames = FrameBuilder(view)
        self._view = view
        self._watchers: set[Watcher] = set()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._rejection = asyncio.Event()
        self._status: bytes | None = None

    @contextmanager
    def watch(self) -> Iterator[Watcher]:
        """A new watcher, which receives a status first. The first watcher starts the tasks, the last one stops them."""
        watcher = Watcher()
        self._watchers.add(watcher)
        if not self._tasks:
            self._start()
        elif self._status is not None:
            watcher.offer_status(self._status)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)
            if not self._watchers:
                self._stop()

    def _start(self) -> None:
        self._status, self._rejection = None, asyncio.Event()
        self._tasks = tuple(asyncio.create_task(self._run(work)) for work in (self._send_frames, self._send_status))

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = ()

    async def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Reports a failure to every watcher; the next new watcher starts the tasks again."""
        try:
            await work()
        except Exception as error:
            failed, self._watchers = self._watchers, set()
            self._stop()
            for watcher in failed:
                watcher.fail(error)

    async def _send_frames(self) -> None:
        with self._view.hub.subscribe() as subscription:
            displaced = 0
            while True:
                observation = await subscription.next()
                for watcher in self._watchers:
                    watcher.skipped += subscription.skipped - displaced
                displaced = subscription.skipped
                message = await asyncio.to_thread(self.frames.build, observation)
                if message is None:
                    self._rejection.set()
                    continue
                for watcher in self._watchers:
                    watcher.offer_frame(message)

    async def _send_status(self) -> None:
        builder = StatusBuilder(self._view, self._stream)
        while True:
            self._rejection.clear()
            body = await asyncio.to_thread(builder.due, time.monotonic())
            if body is not None:
                self._status = body
                for watcher in self._watchers:
                    watcher.offer_status(body)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._rejection.wait(), TICK_S)

    def _stream(self) -> StreamOut:
        return StreamOut(watchers=len(self._watchers), built=self.frames.built, rejected=self.frames.rejected)
