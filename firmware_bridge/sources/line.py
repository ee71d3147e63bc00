"""An open file descriptor as a stream of bytes, from which its reader can be called away by another thread."""

import errno
import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress

READ_BYTES, BURST_BYTES = 65536, 262144
UNSENT_LIMIT = 65536
"""A peer that takes nothing must not hold up reading: what is sent while so many bytes still wait is refused."""


class Line:
    """One thread receives; `send` and `close` may come from any. `hang_up` closes whatever owns the descriptor."""

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
        """Waits for bytes and takes all that are there; nothing when none came in time, or when the line was closed.

        Raises:
            OSError: the far end hung up, or the device is gone.
        """
        with self._reading:
            return self._burst() if self._wait(wait_s) else b""

    def receive_into(self, room: memoryview, wait_s: float) -> int:
        """Like `receive`, but reads straight into `room`; how many bytes came.

        Raises:
            OSError: the far end hung up, or the device is gone.
        """
        with self._reading:
            if not self._wait(wait_s):
                return 0
            count = os.readv(self._fd, [room])
        if not count:
            raise OSError(errno.EIO, "hung up")
        return count

    def _wait(self, wait_s: float) -> bool:
        """Whether bytes are there; sends meanwhile what waits."""
        if self.closed:
            return False
        readable, writable, _ = select.select([self._fd, self._wake_r], [self._fd] if self._unsent else [], [], wait_s)
        if writable:
            self._flush()
        return self._fd in readable and not self.closed

    def _burst(self) -> bytes:
        """A terminal gives at most 4 KiB a read: a burst is gathered before it is decoded."""
        data = os.read(self._fd, READ_BYTES)
        if not data:
            raise OSError(errno.EIO, "hung up")
        pieces, size = [data], len(data)
        while size < BURST_BYTES:
            try:
                more = os.read(self._fd, READ_BYTES)
            except OSError:  # nothing more now, or an end that the next read tells after what is here
                break
            if not more:
                break
            pieces.append(more)
            size += len(more)
        return b"".join(pieces)

    def send(self, data: bytes) -> bool:
        """Sends now what fits and the rest while receiving; False, and nothing of it, if too much waits already.

        Raises:
            OSError: the far end hung up, or the device is gone.
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
        """Calls the reader away and gives the descriptor back; safe to call twice."""
        with self._writing:
            if self.closed:
                return
            self._closed.set()
        os.write(self._wake_w, b"x")
        with self._reading:
            self._hang_up()
            for fd in (self._wake_r, self._wake_w):
                os.close(fd)
