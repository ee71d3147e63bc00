"""Clients of the live stream, as pages are, for benchmarks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from edge.api.live.message import FrameMessage, StatusMessage, unpack

PATIENCE_S = 120.0


@dataclass(slots=True)
class Watcher:
    """Receives in a thread of its own: the sequence numbers of its frames, and the status messages."""

    url: str
    frames: list[int] = field(default_factory=list)
    statuses: list[StatusMessage] = field(default_factory=list)

    def run(self, stopping: threading.Event) -> None:
        with connect(self.url) as socket:
            while not stopping.is_set():
                try:
                    data = socket.recv(PATIENCE_S, decode=False)
                except (ConnectionClosed, TimeoutError):
                    return
                message, _ = unpack(data)
                if isinstance(message, FrameMessage):
                    self.frames.append(message.reading.sequence)
                else:
                    self.statuses.append(message)


def stream_of(url: str) -> str:
    """The live stream of the appliance at `url` (http)."""
    return f"ws{url.removeprefix('http')}api/v1/live"


@contextmanager
def watching(url: str, count: int) -> Iterator[list[Watcher]]:
    """`count` watchers of the appliance at `url` (http), until the block ends."""
    watchers = [Watcher(stream_of(url)) for _ in range(count)]
    stopping = threading.Event()
    threads = [threading.Thread(target=watcher.run, args=(stopping,), name="watcher") for watcher in watchers]
    for thread in threads:
        thread.start()
    try:
        yield watchers
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
