"""The pty in place of the USB cable: the probe holds one end, the appliance opens the other with pyserial."""

import errno
import os
import pty
import select
import time
import tty
from collections import deque
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import TracebackType

from typing_extensions import Self

from firmware_bridge.virtual_probe.player import Player
from firmware_bridge.virtual_probe.probe import Probe

IDLE_S = 0.1
PARTS_A_WRITE = 64


class PtyPort:
    """Both ends of a raw pty; `path` is the one to open. The far end stays open here too, so that it survives each opening."""

    def __init__(self, link: Path | None = None) -> None:
        """Makes the pty, and a symbolic link to it at `link`.

        Raises:
            FileExistsError: `link` exists and is not a link to a pty of ours.
        """
        self.fd, self._far = pty.openpty()
        tty.setraw(self._far)
        os.set_blocking(self.fd, False)
        self.path = os.ttyname(self._far)
        self._link = link
        if link is not None:
            if link.is_symlink():
                link.unlink()
            link.symlink_to(self.path)

    def read(self) -> bytes:
        with suppress(BlockingIOError):
            return os.read(self.fd, 65536)
        return b""

    def write(self, parts: "deque[memoryview]") -> None:
        """Sends as much as fits from the front of `parts`, and removes it."""
        with suppress(BlockingIOError):
            while parts:
                sent = os.writev(self.fd, list(islice(parts, PARTS_A_WRITE)))
                while sent and sent >= len(parts[0]):
                    sent -= len(parts.popleft())
                if sent:
                    parts[0] = parts[0][sent:]

    def close(self) -> None:
        if self._link is not None and self._link.is_symlink():
            self._link.unlink()
        for fd in (self.fd, self._far):
            with suppress(OSError):
                os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Emulator:
    """Runs a probe on a pty. `rate` is in frames a second; 0 sends each frame as soon as the host has read the previous one."""

    def __init__(self, port: PtyPort, probe: Probe, player: Player, rate: float) -> None:
        self._port = port
        self._probe = probe
        self._player = player
        self._rate = rate
        self._interval = 1 / rate if rate else 0.0
        self._waiting: deque[memoryview] = deque()

    def run(self) -> None:
        """Streams while the host has it started; returns when the far end is closed or the recording has ended."""
        due = time.monotonic()
        while True:
            now = time.monotonic()
            if not self._probe.streaming:
                due = now + IDLE_S
            elif now >= due and not (self._waiting and not self._rate):
                if not self._play():
                    return
                due = max(due + self._interval, time.monotonic() + self._interval / 2)
            if not self._turn(due):
                return

    def _play(self) -> bool:
        """Sends the image that is due, or drops it if the host has not read the previous one; False at the end of a recording."""
        if self._waiting:
            self._player.skip()
            self._probe.drop()
            return True
        shown = self._player.next()
        if shown is None:
            self._send(self._probe.end(_now_us()))
            self._linger()
            return False
        self._send(*self._probe.frame(shown, _now_us()))
        return True

    def _linger(self) -> None:
        """Waits until the host has read the end and closed: bytes still in a pty are lost with its master."""
        while self._probe.streaming and self._turn(time.monotonic() + IDLE_S):
            pass

    def _turn(self, due: float) -> bool:
        """Moves bytes until `due` or until an event; False when the far end is closed."""
        waits_for_host = self._waiting and not self._rate
        wait = IDLE_S if waits_for_host else min(IDLE_S, max(0.0, due - time.monotonic()))
        try:
            readable, writable, _ = select.select([self._port.fd], [self._port.fd] if self._waiting else [], [], wait)
            if readable:
                self._send(self._probe.receive(self._port.read(), _now_us()))
            self._send(self._probe.tick(_now_us()))
            if writable or not self._rate:
                self._port.write(self._waiting)
        except OSError as error:
            if error.errno not in (errno.EIO, errno.EBADF):
                raise
            return False
        return True

    def _send(self, *parts: bytes | memoryview) -> None:
        self._waiting.extend(memoryview(part) for part in parts if len(part))


def _now_us() -> int:
    return time.monotonic_ns() // 1000
