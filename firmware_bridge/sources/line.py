"""An open file descriptor as a stream of bytes; another thread can end a waiting read."""

import errno
import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress

READ_BYTES, BURST_BYTES = 65536, 262144
UNSENT_LIMIT = 65536
"""A peer that reads nothing must not delay our reading: new data are refused while more than this many bytes still wait."""


class Line:
    """One thread receives; any thread may call `send` and `close`. `hang_up` closes the owner of the descriptor."""

    def __init__(self, fd: int, hang_up: Callable[[], None]) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._hang_up = hang_up
        self._wake_r, self._wake_w = os.pipe()
        self._unsent = b""
        self._reading, self._writing = threading.Lock(), threading.Lock()
        self._closed = threading.Event()

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def receive(self, wait_s: float) -> bytes:
        """Waits for bytes and takes all available bytes; empty if none arrived in time, or if the line was closed.

        Raises:
            OSError: the far end hung up, or the device was disconnected.
        """
        with self._reading:
            return self._burst() if self._wait(wait_s) else b""

    def receive_into(self, room: memoryview, wait_s: float) -> int:
        """Like `receive`, but reads directly into `room`; returns the number of bytes.

        Raises:
            OSError: the far end hung up, or the device was disconnected.
        """
        with self._reading:
            if not self._wait(wait_s):
                return 0
            count = os.readv(self._fd, [room])
        if not count:
            raise OSError(errno.EIO, "hung up")
        return count

    def _wait(self, wait_s: float) -> bool:
        """True if bytes are available; meanwhile it sends the bytes that wait."""
        if self.closed:
            return False
        readable, writable, _ = select.select([self._fd, self._wake_r], [self._fd] if self._unsent else [], [], wait_s)
        if writable:
            self._flush()
        return self._fd in readable and not self.closed

    def _burst(self) -> bytes:
        """A terminal gives at most 4 KiB with each read: a burst is collected before it is decoded."""
        data = os.read(self._fd, READ_BYTES)
        if not data:
            raise OSError(errno.EIO, "hung up")
        pieces, size = [data], len(data)
        while size < BURST_BYTES:
            try:
                more = os.read(self._fd, READ_BYTES)
            except OSError:  # no more bytes now, or an end that the next read reports after these bytes
                break
            if not more:
                break
            pieces.append(more)
            size += len(more)
        return b"".join(pieces)

    def send(self, data: bytes) -> bool:
        """Sends what fits now, and the rest while receiving. False if too much waits already; then nothing is sent.

        Raises:
            OSError: the far end hung up, or the device was disconnected.
        """
        with self._writing:
            if self.closed or len(self._unsent) > UNSENT_LIMIT:
                return False
            self._unsent += data
        self._flush()
        return True

    def _flush(self) -> None:
        with self._writing, suppress(BlockingIOError):
            if not self.closed:
                self._unsent = self._unsent[os.write(self._fd, self._unsent) :]

    def close(self) -> None:
        """Ends a waiting read and releases the descriptor; safe to call twice."""
        with self._writing:
            if self.closed:
                return
            self._closed.set()
        os.write(self._wake_w, b"x")
        with self._reading:
            self._hang_up()
            for fd in (self._wake_r, self._wake_w):
                os.close(fd)
