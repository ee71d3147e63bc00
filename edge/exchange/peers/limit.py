"""An end for every exchange: a connection whose time is over is cut, whatever its thread waits for.

A socket's own timeout counts from the last byte, so that a peer which sends a byte now and then could hold a board for hours.
"""

import socket
import threading
from contextlib import suppress


class TimeLimit:
    """Cuts one connection at a time. Any thread may use it."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None
        self.over = False

    def start(self, connection: socket.socket, seconds: float) -> None:
        """Counts from now; an earlier count ends."""
        self.stop()
        self._timer = threading.Timer(seconds, self._cut, (connection,))
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _cut(self, connection: socket.socket) -> None:
        self.over = True
        cut(connection)


def cut(connection: socket.socket) -> None:
    """Ends a connection for both sides, and the wait of each thread for it."""
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # an SSLSocket would wait for the thread that reads
