"""SonoLink over a serial port: `serial:///dev/ttyACM0?baud=115200`, a USB probe (CDC-ACM) or any device that works like one.

`serial:///dev/serial/by-id/...` stays the same probe when the system renumbers its ports; `serial://` alone takes the only probe
that is connected.
"""

import errno
import threading
import time
from contextlib import suppress
from pathlib import Path

import serial

from firmware_bridge.errors import (
    LinkError,
    NotAProbe,
    ProbeSilent,
    SourceAbsent,
    SourceBusy,
    SourceDenied,
    SourceLost,
    SourceUnreadable,
    VersionMismatch,
)
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.link.messages import RECORDING_ENDED, SETTABLE, SIMULATED, Hello
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
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.sources.line import Line
from firmware_bridge.sources.live import LiveSource
from firmware_bridge.sources.ports import holders_of, only_serial_port
from firmware_bridge.sources.url import SourceUrl

BAUD = 115200
"""A USB probe ignores it; a real UART may need another rate."""
HELLO_S, ANSWER_S = 8.0, 2.0
"""The wait for Hello, and for new settings, in seconds."""
HEARTBEAT_S, START_AGAIN_S = 1.0, 0.2
"""The time between signs of life, and between requests for Hello, in seconds: a probe that was just connected may miss the first."""
STREAM_S = 2.0
"""The wait for the Hello that begins the stream; a probe that sends none has streamed since its first, and its frames are passed on."""
GONE = {errno.EIO, errno.ENODEV, errno.ENXIO, errno.EBADF}


def open_serial(url: SourceUrl) -> "SerialSource":
    """Opens the port and does the handshake.

    Raises:
        SourceUnknown, SourceAbsent, SourceBusy, SourceDenied, SeveralProbes: the port cannot be opened.
        LinkError, VersionMismatch: the device is not a probe, or not one that this program supports.
    """
    url.allow("baud")
    path = url.path if url.path not in ("", "/") else only_serial_port()
    return SerialSource(open_port(path, int(url.number("baud", BAUD))), url.text)


def open_port(path: str, baud: int = BAUD) -> serial.Serial:
    """Opens a port for this process alone.

    Raises:
        SourceAbsent, SourceBusy, SourceDenied, SourceUnreadable.
    """
    if not Path(path).exists():
        raise SourceAbsent(f"{path or 'the port'} is not there", "Plug the probe in; `sonoedge probe list` shows all ports")
    try:
        port = serial.Serial(path, baud, timeout=0, exclusive=True)
    except (serial.SerialException, OSError) as error:
        raise _refusal(path, error) from error
    except ValueError as error:
        raise SourceUnreadable(
            f"{path} cannot be opened at {baud} baud ({error})", "Leave ?baud= out, or give the probe's own rate"
        ) from error
    with suppress(OSError):
        port.dtr = True
    return port


def line_of(port: serial.Serial) -> Line:
    return Line(port.fileno(), port.close)


def _refusal(path: str, error: OSError) -> SourceBusy | SourceDenied | SourceUnreadable | SourceAbsent:
    if error.errno in (errno.EACCES, errno.EPERM):
        return SourceDenied(
            f"this user is not allowed to open {path}", "Add the user to the group dialout, or install the udev rule; then log in again"
        )
    if error.errno in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in str(error):
        holders = ", ".join(holders_of(path))
        return SourceBusy(f"{holders or 'another program'} holds {path}", "Close it; the udev rules keep ModemManager off probes")
    if error.errno in GONE | {errno.ENOENT}:
        return SourceAbsent(f"{path} disappeared while it was opened", "Check the cable; it is opened again automatically")
    return SourceUnreadable(f"{path} is not a serial port ({error.strerror or error})", "Name the probe's port, such as /dev/ttyACM0")


class SerialSource(LiveSource):
    """An open probe. It streams from `frames()` on, so that it loses no frames while nobody reads them."""

    def __init__(self, port: serial.Serial, url: str) -> None:
        super().__init__(line_of(port), url, str(port.port))
        self._session = HostSession()
        self._settings = AcquisitionSettings()
        self._settings_reported = threading.Event()
        self._asked, self._answered = AcquisitionSettings(), AcquisitionSettings()
        """The last request for settings, and what the probe reported then."""
        self._capabilities: tuple[str, ...] = ()
        self._info: SourceInfo | None = None
        self._first = b""
        self._spoke_s = self._asked_s = 0.0
        self._lost_before: dict[str, int] = {}
        try:
            self._shake_hands()
        except BaseException:
            self.close()
            raise

    @property
    def info(self) -> SourceInfo:
        assert self._info is not None
        return self._info

    def _shake_hands(self) -> None:
        deadline = time.monotonic() + HELLO_S
        self._send_bytes(self._session.greet())
        while self._info is None:
            if time.monotonic() > deadline:
                raise self._no_hello()
            self._turn(START_AGAIN_S)
        self._send_bytes(self._session.stop())

    def _begin_stream(self) -> None:
        if self._holds_back:
            self._asked_s = time.monotonic()
            self._send_bytes(self._session.stream())

    def _no_hello(self) -> LinkError | SourceLost:
        if not self._first:
            return ProbeSilent(f"{self._place} is silent: no probe answers there", "Switch the probe on, or name another port")
        return NotAProbe(
            f"the device at {self._place} is not a SonoLink probe (its first bytes are {self._first.hex(' ')})",
            "Name the probe's port; on a UART, also its ?baud=",
        )

    def _understand(self, data: bytes | memoryview, received_ns: int) -> bool:
        if self._info is None:
            self._first = (self._first + data)[:16]
        before = self._session.messages
        for event in self._session.receive(data, received_ns):
            self._take(event)
        return self._session.messages > before or self._session.in_message

    def _take(self, event: SessionEvent) -> None:
        match event:
            case FrameReceived(frame, _):
                self._give(frame)
            case Connected(hello, _):
                self._meet(hello)
            case SettingsReceived(settings):
                self._settings = settings
                self._settings_reported.set()
            case EventReceived(happened) if happened.name == RECORDING_ENDED:
                self._ended, self._holds_back = True, False
            case ProbeError(report) if report.code == "version-mismatch":
                raise VersionMismatch(report.text, "Update the probe or the appliance, whichever is older")
            case Lost(loss):
                self._lose(loss.cause, loss.frames, loss.why)

    def _meet(self, hello: Hello) -> None:
        """The first Hello answers the greeting. The second begins the stream: nobody asked for the frames between them."""
        if self._info is None:
            self._holds_back, self._lost_before = True, dict(self._losses)
        elif self._holds_back and self._streaming:
            self._holds_back, self._losses = False, self._lost_before
            self._frames.clear()
        self._capabilities = hello.capabilities
        self._info = _info(self._url, hello)

    def _beat(self, now_s: float) -> None:
        if self._streaming and now_s - self._asked_s > STREAM_S:
            self._holds_back = False
        if self._session.in_doubt and now_s - self._asked_s >= START_AGAIN_S:
            self._asked_s = now_s
            self._send_bytes(self._session.stream())
        if now_s - self._spoke_s >= (START_AGAIN_S if self._info is None else HEARTBEAT_S):
            self._spoke_s = now_s
            self._send_bytes(self._session.heartbeat())

    def _farewell(self) -> bytes:
        return self._session.stop()

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        """Asks for those of the settings that the probe announced it can be set to, and returns what it then reports.

        A probe that announced none of them is not asked: its firmware may ignore the message, and no answer would come. It is not asked
        either for what it has already, or has just been asked for: each request makes a probe begin a new image.

        Raises:
            SourceLost: it was disconnected, or does not answer within two seconds.
        """
        asked = self._settable(settings)
        if self._settings.meet(asked) or (asked, self._settings) == (self._asked, self._answered):
            return self._settings
        self._settings_reported.clear()
        self._send_bytes(self._session.request(asked))
        deadline = time.monotonic() + ANSWER_S
        while not self._settings_reported.wait(0.05 if self._streaming else 0):
            if time.monotonic() > deadline:
                raise ProbeSilent(f"the probe at {self._place} does not answer to new settings", "Restart the probe")
            if not self._streaming:
                self._turn(0.1)
        self._asked, self._answered = asked, self._settings
        return self._settings

    def _settable(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        can = [name for name, capability in SETTABLE.items() if capability in self._capabilities]
        return AcquisitionSettings(**{name: getattr(settings, name) for name in can})


def _info(url: str, hello: Hello) -> SourceInfo:
    simulated = SIMULATED in hello.capabilities
    if hello.replaying:
        name, origin = hello.replaying, Origin.REPLAY
    else:
        name, origin = hello.device, Origin.SIMULATED if simulated else Origin.LIVE
    return SourceInfo(url, name, origin, hello.device, hello.firmware, hello.serial_number, of_simulation=simulated, machine=hello.scanner)
