"""One watcher of the live stream: holds the newest frame and the newest status not sent yet. Use it on the event loop only."""

import asyncio

from edge.api.live.message import pack_status

FRAME, STATUS = "frame", "status"


class StreamFailed(RuntimeError):
    """The messages of the live stream can no longer be built; `__cause__` is the reason."""


class Watcher:
    """`skipped` counts the frames that were published or built while this watcher was connected, but not sent to it."""

    def __init__(self) -> None:
        self.skipped = 0
        self._waiting: dict[str, bytes] = {}
        self._failure: Exception | None = None
        self._changed = asyncio.Event()

    def offer_frame(self, message: bytes) -> None:
        """Replaces a frame that was not sent yet."""
        self.skipped += FRAME in self._waiting
        self._offer(FRAME, message)

    def offer_status(self, body: bytes) -> None:
        """Replaces a status that was not sent yet: the newest is enough."""
        self._offer(STATUS, body)

    def fail(self, error: Exception) -> None:
        """Ends the stream of this watcher with `error`."""
        self._failure = error
        self._changed.set()

    async def next(self) -> bytes:
        """The next message to send, in the order in which they were offered.

        Raises:
            StreamFailed: see `fail`.
        """
        while not self._waiting:
            if self._failure is not None:
                raise StreamFailed("the live stream failed") from self._failure
            self._changed.clear()
            await self._changed.wait()
        kind = next(iter(self._waiting))
        message = self._waiting.pop(kind)
        return message if kind == FRAME else pack_status(message, self.skipped)

    def _offer(self, kind: str, message: bytes) -> None:
        self._waiting[kind] = message
        self._changed.set()
