"""The messages between probe and host: one frozen dataclass for each, and one table that maps each to its type.

Payloads are JSON, except the frame's: 8 bytes that state the format, then pixels or beam lines as they are.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import TypeAlias

from firmware_bridge.frame import AcquisitionSettings, Geometry, Shape
from firmware_bridge.link.fields import Fields, dump, malformed
from firmware_bridge.link.header import PAYLOAD_LIMIT, VERSIONS, Header, MessageType
from firmware_bridge.machine import Machine

SIMULATED = "simulated"
"""The capability of a probe whose every frame is synthetic."""
SETTABLE: Mapping[str, str] = {
    "depth_mm": "set-depth",
    "gain_db": "set-gain",
    "frequency_mhz": "set-frequency",
    "focus_mm": "set-focus",
    "preset": "set-preset",
}
"""Fields of the settings, each with the capability of a probe that lets the host set it."""
RECORDING_ENDED = "recording-ended"
"""The event that a probe sends at the end of its replay."""

_FRAME = struct.Struct("<BxHHH")


class PixelFormat(IntEnum):
    """The format of a frame's data. Beam lines lie one after the other: rows = lines, columns = samples in each line."""

    GREY8 = 1
    JPEG = 2
    LINES_U8 = 3
    """Envelope, log-compressed: 8 bits for each sample."""
    LINES_S16 = 4
    """Envelope before compression: signed 16 bits for each sample, little-endian."""


_SAMPLE_BYTES = {PixelFormat.GREY8: 1, PixelFormat.LINES_U8: 1, PixelFormat.LINES_S16: 2}


@dataclass(frozen=True, slots=True)
class Hello:
    """The probe's answer to each Start. `replaying` names the recording that the probe plays, if any.

    `machine` is the name of the machine whose images it sends (`firmware_bridge.machine`), where that is not the device itself.
    """

    device: str
    firmware: str
    serial_number: str
    capabilities: tuple[str, ...] = ()
    versions: tuple[int, ...] = VERSIONS
    replaying: str = ""
    machine: str | None = None

    @property
    def scanner(self) -> Machine:
        """What made the images: the machine that it names, else the device itself unless it plays a recording."""
        return Machine.named(self.machine or ("" if self.replaying else self.device))


@dataclass(frozen=True, slots=True)
class GeometryReport:
    """Applies to every frame after it."""

    geometry: Geometry


@dataclass(frozen=True, slots=True)
class SettingsReport:
    """The probe's settings for every frame after it; also the answer to SetSettings."""

    settings: AcquisitionSettings


@dataclass(frozen=True, slots=True)
class SetSettings:
    """The settings that the host asks for; a value of None stays unchanged."""

    settings: AcquisitionSettings


@dataclass(frozen=True, slots=True)
class FrameData:
    """One image. `data` is read-only, each item one byte; after decoding it is the same buffer that received it.

    For `JPEG`, rows and columns are those of the decoded image. `reports` is how many Geometry and Settings messages the probe has sent
    since the start, see `firmware_bridge.link.reports`; 0 of a probe that does not count them.
    """

    format: PixelFormat
    rows: int
    columns: int
    data: memoryview
    reports: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """An event at the probe, such as `button`."""

    name: str


@dataclass(frozen=True, slots=True)
class Status:
    """The probe's health; None where it has no such sensor. `dropped_frames` counts frames since the start that the probe never sent."""

    temperature_c: float | None
    battery_percent: float | None
    dropped_frames: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The peer is connected."""


@dataclass(frozen=True, slots=True)
class Start:
    """Asks for Hello, geometry, settings and then frames; the host reads these `versions`. With `frames` 0 it asks for Hello alone."""

    versions: tuple[int, ...] = VERSIONS
    frames: int | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """No frames until the next Start."""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """The probe failed to do something: a stable slug for machines and a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A valid message whose type or version is unknown here."""

    payload: memoryview


Payload: TypeAlias = (
    Hello | GeometryReport | SettingsReport | SetSettings | FrameData | Event | Status | Heartbeat | Start | Stop | ErrorReport | Unknown
)


@dataclass(frozen=True, slots=True)
class Message:
    header: Header
    body: Payload


def _read_hello(payload: memoryview) -> Hello:
    fields = Fields(payload)
    return Hello(
        fields.text("device"),
        fields.text("firmware"),
        fields.text("serial_number"),
        fields.texts("capabilities"),
        fields.versions("versions"),
        fields.text("replaying", ""),
        fields.maybe_text("machine"),
    )


def read_geometry(payload: bytes | memoryview) -> Geometry:
    """The geometry that a JSON payload states.

    Raises:
        MalformedMessage: it breaks the specification.
    """
    fields = Fields(payload)
    name = fields.text("shape", Shape.UNKNOWN.value)
    try:
        shape = Shape(name)
    except ValueError:
        raise malformed(f"{name!r} is not a shape") from None
    pairs = {key: fields.maybe_pair(key) for key in ("mm_per_px", "apex_px", "radii_mm", "angles_deg")}
    return Geometry(shape, **pairs)


def read_settings(payload: bytes | memoryview) -> AcquisitionSettings:
    """The settings that a JSON payload states.

    Raises:
        MalformedMessage: it breaks the specification.
    """
    fields = Fields(payload)
    return AcquisitionSettings(
        depth_mm=fields.maybe_number("depth_mm"),
        gain_db=fields.maybe_number("gain_db"),
        frequency_mhz=fields.maybe_number("frequency_mhz"),
        focus_mm=fields.maybe_number("focus_mm"),
        mechanical_index=fields.maybe_number("mechanical_index"),
        thermal_index=fields.maybe_number("thermal_index"),
        preset=fields.maybe_text("preset"),
    )


def _read_frame(payload: memoryview) -> FrameData:
    if len(payload) < _FRAME.size:
        raise malformed("a frame lacks its 8 bytes of format")
    number, rows, columns, reports = _FRAME.unpack_from(payload)
    data = payload[_FRAME.size :]
    try:
        pixel_format = PixelFormat(number)
    except ValueError:
        raise malformed(f"{number} is an unknown pixel format") from None
    wanted = rows * columns * _SAMPLE_BYTES.get(pixel_format, 0)
    if not 0 < rows * columns <= PAYLOAD_LIMIT or not data or (wanted and len(data) != wanted):
        raise malformed(f"a {pixel_format.name} frame of {rows} x {columns} in {len(data)} bytes")
    return FrameData(pixel_format, rows, columns, data, reports)


def _read_status(payload: memoryview) -> Status:
    fields = Fields(payload)
    return Status(fields.maybe_number("temperature_c"), fields.maybe_number("battery_percent"), fields.count("dropped_frames", 0))


def _read_error(payload: memoryview) -> ErrorReport:
    fields = Fields(payload)
    return ErrorReport(fields.text("code"), fields.text("text", ""))


def _read_start(payload: memoryview) -> Start:
    fields = Fields(payload)
    return Start(fields.versions("versions"), fields.maybe_count("frames"))


_READERS: dict[int, Callable[[memoryview], Payload]] = {
    MessageType.HELLO: _read_hello,
    MessageType.GEOMETRY: lambda payload: GeometryReport(read_geometry(payload)),
    MessageType.SETTINGS: lambda payload: SettingsReport(read_settings(payload)),
    MessageType.FRAME: _read_frame,
    MessageType.EVENT: lambda payload: Event(Fields(payload).text("name")),
    MessageType.STATUS: _read_status,
    MessageType.ERROR: _read_error,
    MessageType.START: _read_start,
    MessageType.STOP: lambda _: Stop(),
    MessageType.SET_SETTINGS: lambda payload: SetSettings(read_settings(payload)),
    MessageType.HEARTBEAT: lambda _: Heartbeat(),
}

_TYPES: dict[type, MessageType] = {
    Hello: MessageType.HELLO,
    GeometryReport: MessageType.GEOMETRY,
    SettingsReport: MessageType.SETTINGS,
    FrameData: MessageType.FRAME,
    Event: MessageType.EVENT,
    Status: MessageType.STATUS,
    ErrorReport: MessageType.ERROR,
    Start: MessageType.START,
    Stop: MessageType.STOP,
    SetSettings: MessageType.SET_SETTINGS,
    Heartbeat: MessageType.HEARTBEAT,
}


def read_body(header: Header, payload: memoryview) -> Payload:
    """The payload of a message whose checksums are right.

    Raises:
        MalformedMessage: it breaks the specification all the same.
    """
    reader = _READERS.get(header.type)
    return Unknown(payload) if reader is None or header.version not in VERSIONS else reader(payload)


def write_body(body: Payload) -> tuple[MessageType, tuple[bytes | memoryview, ...]]:
    """The message's type and its payload in parts; a frame's data are not copied.

    Raises:
        TypeError: `body` is `Unknown`, which has no type of its own.
        ValueError: a number is not finite.
        struct.error: a frame has more than 65535 rows or columns.
    """
    try:
        kind = _TYPES[type(body)]
    except KeyError:
        raise TypeError(f"a message of the class {type(body).__name__} cannot be sent") from None
    match body:
        case FrameData():
            return kind, (_FRAME.pack(body.format, body.rows, body.columns, body.reports), body.data.cast("B").toreadonly())
        case Heartbeat() | Stop():
            return kind, ()
        case GeometryReport(what) | SettingsReport(what) | SetSettings(what):
            return kind, (dump(asdict(what)),)
        case _:
            return kind, (dump(asdict(body)),)
