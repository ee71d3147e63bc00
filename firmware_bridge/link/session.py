"""The host's side of the link: the bytes to send, and the frames in the probe's bytes.

Sans-I/O. The owner of the port sends the bytes from `start()`, then once a second those from `heartbeat()`, and passes on
all bytes that it reads. Until the probe has sent Hello, each heartbeat is a new start, so that both ends always connect again.
An owner that is not ready for frames sends those from `greet()` instead, from `stop()` after the Hello, and later from `stream()`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from firmware_bridge.errors import MalformedMessage, VersionMismatch
from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry
from firmware_bridge.link.decoder import Decoder, Loss
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.header import HEADER_SIZE, VERSIONS, Flags, Header, MessageType
from firmware_bridge.link.messages import (
    ErrorReport,
    Event,
    FrameData,
    GeometryReport,
    Heartbeat,
    Hello,
    Message,
    SetSettings,
    SettingsReport,
    Start,
    Status,
    Stop,
)
from firmware_bridge.link.pixels import Pixels
from firmware_bridge.link.reports import next_report
from firmware_bridge.machine import UNKNOWN_MACHINE

BEFORE_HELLO = "before-hello"
PIXELS = "pixels"
REPORT_LOST = "report-lost"
UNEXPECTED = "unexpected"

CAUSES = {
    BEFORE_HELLO: "a frame of an earlier start",
    REPORT_LOST: "a frame whose Geometry or Settings were lost on the way",
    PIXELS: "a frame that arrived whole, but cannot be turned into pixels",
    UNEXPECTED: "a valid message that is unknown here, or that a probe must not send",
}


@dataclass(frozen=True, slots=True)
class Connected:
    """The probe has answered the start; geometry, settings and frame numbers start again. Both ends agreed on `version`."""

    hello: Hello
    version: int


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """`replay` is true if the pixels come from a recording."""

    frame: Frame
    replay: bool


@dataclass(frozen=True, slots=True)
class SettingsReceived:
    settings: AcquisitionSettings


@dataclass(frozen=True, slots=True)
class EventReceived:
    event: Event


@dataclass(frozen=True, slots=True)
class StatusReceived:
    status: Status


@dataclass(frozen=True, slots=True)
class ProbeError:
    report: ErrorReport


@dataclass(frozen=True, slots=True)
class Lost:
    loss: Loss


SessionEvent: TypeAlias = Connected | FrameReceived | SettingsReceived | EventReceived | StatusReceived | ProbeError | Lost


def agree(theirs: tuple[int, ...], ours: tuple[int, ...] = VERSIONS) -> int:
    """The highest version that both ends support.

    Raises:
        VersionMismatch: there is none; the end whose newest version is older needs the update.
    """
    common = set(theirs) & set(ours)
    if common:
        return max(common)
    supported = ", ".join(map(str, sorted(theirs)))
    known = ", ".join(map(str, sorted(ours)))
    fix = "Update the probe's firmware" if max(theirs) < max(ours) else "Update the appliance"
    raise VersionMismatch(f"the probe uses SonoLink {supported} and this appliance uses {known}", fix)


class HostSession:
    """One open port, from the first start on."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._left: list[Message | Loss] = []
        self._asked = Start()
        self.messages = 0
        """The number of valid messages received: the sign of a peer that uses the protocol."""
        self._begin(connected=False)

    @property
    def in_message(self) -> bool:
        """True while the payload of a valid header is still arriving; on a slow line this takes long."""
        return self._decoder.in_message

    def start(self) -> bytes:
        """Begins, or begins again: the bytes that make the probe send Hello and stream.

        An unfinished message from before is dropped, and the next `receive` reports the loss.
        """
        return self._ask(Start())

    def greet(self) -> bytes:
        """Like `start`, but the probe sends Hello and no frames. A probe that does not know this request streams at once."""
        return self._ask(Start(frames=0))

    def stream(self) -> bytes:
        """The bytes that make a probe stream after `greet`, or begin again. The rest of a message that is arriving is not lost."""
        return encode(Start())

    def heartbeat(self) -> bytes:
        """The bytes to send once a second: the sign of life that a streaming probe needs, or a new start if it has not sent Hello."""
        return encode(Heartbeat()) if self._connected else self._ask(self._asked)

    def request(self, settings: AcquisitionSettings) -> bytes:
        """The bytes that set the probe; it answers with the settings that it then has."""
        return encode(SetSettings(settings))

    def stop(self) -> bytes:
        return encode(Stop())

    def receive(self, data: bytes | memoryview, received_ns: int) -> Iterator[SessionEvent]:
        """Takes all of `data`, whose last byte arrived at `received_ns` (`time.monotonic_ns()`); returns the events that it completes.

        Raises:
            VersionMismatch: the two ends have no version of the protocol in common.
        """
        left, self._left = self._left, []
        items = [*left, *self._decoder.feed(data)]
        return iter([event for item in items if (event := self._understand(item, received_ns)) is not None])

    def _ask(self, start: Start) -> bytes:
        self._asked = start
        self._left += self._decoder.close()
        self._decoder = Decoder()
        self._begin(connected=False)
        return encode(start)

    def _begin(self, *, connected: bool) -> None:
        self._connected = connected
        self._geometry = Geometry()
        self._settings = AcquisitionSettings()
        self._machine = UNKNOWN_MACHINE
        self._pixels = Pixels()
        self._reports = 0
        self.in_doubt = False
        """True after a report of the probe was lost, until it has begun again: the owner sends the bytes of `stream`."""

    def _understand(self, item: Message | Loss, received_ns: int) -> SessionEvent | None:
        if isinstance(item, Loss):
            return Lost(item)
        self.messages += 1
        header = item.header
        if header.version not in VERSIONS and (self._connected or header.type == MessageType.HELLO):
            agree((header.version,))
        match item.body:
            case FrameData() as data:
                return self._frame(header, data, received_ns)
            case Hello() as hello:
                version = agree(hello.versions)
                self._begin(connected=True)
                self._machine = hello.scanner
                return Connected(hello, version)
            case GeometryReport(geometry):
                self._geometry, self._reports = geometry, next_report(self._reports)
                return None
            case SettingsReport(settings):
                self._settings, self._reports = settings, next_report(self._reports)
                return SettingsReceived(settings)
            case _:
                return _passed_on(item)

    def _frame(self, header: Header, data: FrameData, received_ns: int) -> SessionEvent:
        if not self._connected:
            return _lost(BEFORE_HELLO, header, 1)
        if data.reports not in (0, self._reports):
            self.in_doubt = True
            return _lost(REPORT_LOST, header, 1)
        try:
            pixels = self._pixels.grey(data, self._geometry)
        except MalformedMessage as error:
            return _lost(PIXELS, header, 1, error.what)
        frame = Frame(
            pixels,
            header.sequence,
            header.time_us,
            received_ns,
            self._geometry,
            self._settings,
            simulated=Flags.SIMULATED in header.flags,
            machine=self._machine,
        )
        return FrameReceived(frame, replay=Flags.REPLAY in header.flags)


def _passed_on(message: Message) -> SessionEvent | None:
    match message.body:
        case Event() as event:
            return EventReceived(event)
        case Status() as status:
            return StatusReceived(status)
        case ErrorReport() as report:
            return ProbeError(report)
        case Heartbeat():
            return None
        case _:
            return _lost(UNEXPECTED, message.header, 0)


def _lost(cause: str, header: Header, frames: int, why: str = "") -> Lost:
    return Lost(Loss(cause, HEADER_SIZE + header.length, frames, why))
