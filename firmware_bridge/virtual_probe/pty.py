"""The pty in place of the USB cable: the probe holds one end, the appliance opens the other with pyserial."""

import errno
import os
import pty
import select
import time
import tty
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Protocol

from typing_extensions import Self

from firmware_bridge.virtual_probe.outbox import Outbox
from firmware_bridge.virtual_probe.player import Player
from firmware_bridge.virtual_probe.probe import Probe

IDLE_S = 0.1
PARTS_A_WRITE = 64
CLOSEST = 0.8
"""A probe that is late catches up slowly: its frames are at least this share of an interval apart, so that none displaces another."""


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

    def wait(self, wait_s: float, *, to_write: bool) -> bool:
        """Waits at most `wait_s`; True if the host has sent something. With `to_write` it returns as soon as the host takes bytes again."""
        readable, _, _ = select.select([self.fd], [self.fd] if to_write else [], [], wait_s)
        return bool(readable)

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


class Port(Protocol):
    """The probe's end of the cable; see `PtyPort`."""

    def wait(self, wait_s: float, *, to_write: bool) -> bool: ...
    def read(self) -> bytes: ...
    def write(self, parts: "deque[memoryview]") -> None: ...


class Emulator:
    """Runs a probe on a port. `rate` is in frames a second; 0 sends each frame as soon as the host has read the previous one.

    `clock` gives the monotonic time in seconds.
    """

    def __init__(self, port: Port, probe: Probe, player: Player, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._port = port
        self._probe = probe
        self._player = player
        self._rate = rate
        self._interval = 1 / rate if rate else 0.0
        self._clock = clock
        self._outbox = Outbox()

    def run(self) -> None:
        """Streams while the host has it started; returns when the far end is closed or the recording has ended."""
        due = self._clock()
        while True:
            now = self._clock()
            if not self._probe.streaming:
                due = now  # the first image follows the start of the stream at once
            elif now >= due and not self._waits_for_host:
                if not self._play():
                    return
                due = max(due + self._interval, self._clock() + CLOSEST * self._interval)
            if not self._turn(due if self._probe.streaming else now + IDLE_S):
                return

    @property
    def _waits_for_host(self) -> bool:
        return not self._rate and bool(self._outbox.parts)

    def _play(self) -> bool:
        """Sends the image that is due, or drops it if too many frames wait for the host; False at the end of a recording."""
        if self._outbox.full:
            self._player.skip()
            self._probe.drop()
            return True
        shown = self._player.next()
        if shown is None:
            self._outbox.put(self._probe.end(self._now_us()))
            self._linger()
            return False
        self._outbox.put_frame(*self._probe.frame(shown, self._now_us()))
        return True

    def _linger(self) -> None:
        """Waits until the host has read the end and closed: bytes still in a pty are lost with its master."""
        while self._probe.streaming and self._turn(self._clock() + IDLE_S):
            pass

    def _turn(self, due: float) -> bool:
        """Moves bytes until `due` or until an event; False when the far end is closed."""
        wait_s = IDLE_S if self._waits_for_host else min(IDLE_S, max(0.0, due - self._clock()))
        try:
            self._port.write(self._outbox.parts)
            if self._port.wait(wait_s, to_write=bool(self._outbox.parts)):
                self._outbox.put(self._probe.receive(self._port.read(), self._now_us()))
            self._outbox.put(self._probe.tick(self._now_us()))
            self._port.write(self._outbox.parts)
        except OSError as error:
            if error.errno not in (errno.EIO, errno.EBADF):
                raise
            return False
        return True

    def _now_us(self) -> int:
        return round(self._clock() * 1e6)
