"""SonoLink over a serial port: `serial:///dev/ttyACM0?baud=115200`, a USB probe (CDC-ACM) or anything that looks like one."""

import errno
import os
import select
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType

import serial
from typing_extensions import Self

from firmware_bridge.errors import LinkError, SourceAbsent, SourceBusy, SourceDenied, SourceLost, SourceUnreadable, VersionMismatch
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.link.messages import RECORDING_ENDED, SIMULATED, Hello
from firmware_bridge.link.session import (
    Connected,
    EventReceived,
    FrameReceived,
    HostSession,
    Lost,
    ProbeError,
    SessionEvent,
    SettingsReceived,
)
from firmware_bridge.sources.base import Origin, SourceInfo, SourceLoss
from firmware_bridge.sources.url import SourceUrl

BAUD = 115200
"""Means nothing to a USB probe; a real UART may need another."""
HELLO_S, SILENCE_S, HEARTBEAT_S, ANSWER_S = 8.0, 3.0, 1.0, 2.0
"""How long to wait for hello, for any byte of a probe that has said it, between signs of life, and for new settings."""
READ_BYTES, BURST_BYTES = 65536, 262144
GONE = {errno.EIO, errno.ENODEV, errno.ENXIO, errno.EBADF}


def open_serial(url: SourceUrl) -> "SerialSource":
    """Opens the port and shakes hands.

    Raises:
        SourceUnknown, SourceAbsent, SourceBusy, SourceDenied: the port cannot be opened.
        LinkError, VersionMismatch: what is there is no probe that can be talked to.
    """
    url.allow("baud")
    return SerialSource(open_port(url.path, int(url.number("baud", BAUD))), url.text)


def open_port(path: str, baud: int = BAUD) -> serial.Serial:
    """Opens a port for this process alone.

    Raises:
        SourceAbsent, SourceBusy, SourceDenied, SourceUnreadable.
    """
    if not os.path.exists(path):  # noqa: PTH110 - a device node, not a file
        raise SourceAbsent(f"{path or 'the port'} is not there", "Plug the probe in; `sonoedge probe list` shows what is found")
    try:
        port = serial.Serial(path, baud, timeout=0, exclusive=True)
    except (serial.SerialException, OSError) as error:
        raise _refusal(path, error) from error
    with suppress(OSError):
        port.dtr = True
    return port


def _refusal(path: str, error: OSError) -> SourceBusy | SourceDenied | SourceUnreadable:
    if error.errno in (errno.EACCES, errno.EPERM):
        return SourceDenied(
            f"this user may not open {path}", "Add the user to the group dialout, or install the udev rule; then log in again"
        )
    if error.errno in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in str(error):
        return SourceBusy(f"another program holds {path}", f"Close it (`fuser {path}` names it; ModemManager is a usual one)")
    return SourceUnreadable(f"{path} is not a serial port ({error.strerror or error})", "Name the probe's port, such as /dev/ttyACM0")


class SerialSource:
    """An open probe. One thread takes `frames()`; `apply` and `close` may come from another."""

    def __init__(self, port: serial.Serial, url: str) -> None:
        self._port = port
        self._url = url
        self._fd: int = port.fileno()
        self._session = HostSession()
        self._frames: deque[Frame] = deque()
        self._losses: dict[str, int] = {}
        self._settings = AcquisitionSettings()
        self._settings_said = threading.Event()
        self._write_lock = threading.Lock()
        self._closed = threading.Event()
        self._wake_r, self._wake_w = os.pipe()
        self._streaming = False
        self._ended = False
        self._info: SourceInfo | None = None
        self._heard = time.monotonic()
        self._spoke = 0.0
        try:
            self._shake_hands()
        except BaseException:
            self.close()
            self._release()
            raise

    @property
    def info(self) -> SourceInfo:
        assert self._info is not None
        return self._info

    @property
    def losses(self) -> tuple[SourceLoss, ...]:
        return tuple(SourceLoss(cause, frames) for cause, frames in list(self._losses.items()))

    def _shake_hands(self) -> None:
        self._write(self._session.start())
        self._spoke = time.monotonic()
        first, deadline = b"", time.monotonic() + HELLO_S
        while self._info is None:
            if time.monotonic() > deadline:
                raise self._no_hello(first)
            data = self._receive(0.2)
            first = (first + data)[:16]
            self._say_something()

    def _no_hello(self, first: bytes) -> LinkError:
        path = self._port.port
        if not first:
            return LinkError(f"{path} is silent: no probe answers there", "Switch the probe on, or name another port")
        return LinkError(f"what speaks at {path} is not a SonoLink probe (it began with {first.hex(' ')})", "Name the probe's port")

    def frames(self) -> Iterator[Frame]:
        """Each frame as it arrives.

        Raises:
            SourceLost: the port went away, or the probe fell silent.
        """
        self._streaming = True
        try:
            while not self._closed.is_set():
                while self._frames:
                    yield self._frames.popleft()
                if self._ended:
                    return
                self._pump()
        finally:
            self._streaming = False
            if self._closed.is_set():
                self._release()

    def _pump(self) -> None:
        self._receive(HEARTBEAT_S / 2)
        if self._closed.is_set():
            return
        self._say_something()
        if time.monotonic() - self._heard > SILENCE_S:
            raise SourceLost(f"the probe at {self._port.port} has been silent for {SILENCE_S:g} s", "Check its battery and its cable")

    def _receive(self, wait_s: float) -> bytes:
        """Waits for bytes, takes all that are there, and understands them."""
        try:
            readable, _, _ = select.select([self._fd, self._wake_r], [], [], wait_s)
            if self._fd not in readable or self._closed.is_set():
                return b""
            data = self._read()
        except (OSError, ValueError) as error:
            if self._closed.is_set():
                return b""
            raise self._lost(error) from error
        self._heard = time.monotonic()
        for event in self._session.receive(data, time.monotonic_ns()):
            self._understand(event)
        return data[:16]

    def _read(self) -> bytes:
        """A tty gives at most 4 KiB a read: a burst is gathered before it is decoded."""
        data = os.read(self._fd, READ_BYTES)
        if not data:
            raise OSError(errno.EIO, "hung up")
        pieces, size = [data], len(data)
        while size < BURST_BYTES:
            try:
                more = os.read(self._fd, READ_BYTES)
            except BlockingIOError:
                break
            if not more:
                break
            pieces.append(more)
            size += len(more)
        return b"".join(pieces)

    def _understand(self, event: SessionEvent) -> None:
        match event:
            case FrameReceived(frame, _):
                self._frames.append(frame)
            case Connected(hello, _):
                name = hello.replaying or hello.device
                self._info = SourceInfo(self._url, name, _origin(hello), hello.device, hello.firmware, hello.serial_number)
            case SettingsReceived(settings):
                self._settings = settings
                self._settings_said.set()
            case EventReceived(happened) if happened.name == RECORDING_ENDED:
                self._ended = True
            case ProbeError(report) if report.code == "version-mismatch":
                raise VersionMismatch(report.text, "Update the older of probe and appliance")
            case Lost(loss):
                self._losses[loss.cause] = self._losses.get(loss.cause, 0) + loss.frames

    def _say_something(self) -> None:
        now = time.monotonic()
        if now - self._spoke >= HEARTBEAT_S:
            self._spoke = now
            self._write(self._session.heartbeat())

    def _write(self, data: bytes) -> None:
        """A probe that takes nothing must not hold up reading: what does not fit now is said again by the next heartbeat."""
        try:
            with self._write_lock, suppress(BlockingIOError):
                os.write(self._fd, data)
        except OSError as error:
            raise self._lost(error) from error

    def _lost(self, error: OSError | ValueError) -> SourceLost:
        why = "was unplugged" if getattr(error, "errno", None) in GONE else f"failed ({error})"
        return SourceLost(f"the probe at {self._port.port} {why}", "Check the cable and the probe's power; it is opened again by itself")

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        """Sends the settings and returns what the probe then reports.

        Raises:
            SourceLost: it went away, or does not answer within two seconds.
        """
        self._settings_said.clear()
        self._write(self._session.request(settings))
        deadline = time.monotonic() + ANSWER_S
        while not self._settings_said.wait(0.05 if self._streaming else 0):
            if time.monotonic() > deadline:
                raise SourceLost(f"the probe at {self._port.port} does not answer to new settings", "Restart the probe")
            if not self._streaming:
                self._receive(0.1)
        return self._settings

    def close(self) -> None:
        """Ends `frames()`, tells the probe to stop, and gives the port back."""
        if self._closed.is_set():
            return
        with suppress(SourceLost):
            self._write(self._session.stop())
        self._closed.set()
        with suppress(OSError):
            os.write(self._wake_w, b"x")
        if not self._streaming:
            self._release()

    def _release(self) -> None:
        self._port.close()
        for fd in (self._wake_r, self._wake_w):
            with suppress(OSError):
                os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _origin(hello: Hello) -> Origin:
    if hello.replaying:
        return Origin.REPLAY
    return Origin.SIMULATED if SIMULATED in hello.capabilities else Origin.LIVE
