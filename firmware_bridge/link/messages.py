"""What probe and host say to each other: one frozen dataclass a message, and the one table that ties each to its type.

Payloads are JSON, but for the frame: 8 bytes that say what follows, then pixels or beam lines as they are.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import TypeAlias

from firmware_bridge.frame import AcquisitionSettings, Geometry, Shape
from firmware_bridge.link.fields import Fields, dump, malformed
from firmware_bridge.link.header import PAYLOAD_LIMIT, VERSIONS, Header, MessageType

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
"""The event with which a probe that replays says that nothing more follows."""

_FRAME = struct.Struct("<BxHHxx")


class PixelFormat(IntEnum):
    """How a frame's data are to be read. Beam lines lie one after the other: rows = lines, columns = samples a line."""

    GREY8 = 1
    JPEG = 2
    LINES_U8 = 3
    """Envelope, log-compressed: 8 bits a sample."""
    LINES_S16 = 4
    """Envelope before compression: signed 16 bits a sample, little-endian."""


_SAMPLE_BYTES = {PixelFormat.GREY8: 1, PixelFormat.LINES_U8: 1, PixelFormat.LINES_S16: 2}


@dataclass(frozen=True, slots=True)
class Hello:
    """The probe's answer to each Start. `replaying` names the recording that it plays, if it plays one."""

    device: str
    firmware: str
    serial_number: str
    capabilities: tuple[str, ...] = ()
    versions: tuple[int, ...] = VERSIONS
    replaying: str = ""


@dataclass(frozen=True, slots=True)
class GeometryReport:
    """Holds for every frame after it."""

    geometry: Geometry


@dataclass(frozen=True, slots=True)
class SettingsReport:
    """What the probe is set to, for every frame after it; also the answer to SetSettings."""

    settings: AcquisitionSettings


@dataclass(frozen=True, slots=True)
class SetSettings:
    """What the host asks for; a value of None is left as it is."""

    settings: AcquisitionSettings


@dataclass(frozen=True, slots=True)
class FrameData:
    """One image. `data` is read-only, one byte an item; after decoding it is the very buffer that received it.

    For `JPEG`, rows and columns are those of the decoded image.
    """

    format: PixelFormat
    rows: int
    columns: int
    data: memoryview


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at the probe, such as `button`."""

    name: str


@dataclass(frozen=True, slots=True)
class Status:
    """The probe's health; None where it has no such sensor. `dropped_frames` counts since the start what the probe itself never sent."""

    temperature_c: float | None
    battery_percent: float | None
    dropped_frames: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The peer is there."""


@dataclass(frozen=True, slots=True)
class Start:
    """Asks for Hello, geometry, settings and then frames; `versions` are those that the host reads."""

    versions: tuple[int, ...] = VERSIONS


@dataclass(frozen=True, slots=True)
class Stop:
    """No frames until the next Start."""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """The probe could not do something: a stable slug for machines and a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A sound message of a type or a version that is not known here."""

    payload: memoryview


Payload: TypeAlias = (
    Hello | GeometryReport | SettingsReport | SetSettings | FrameData | Event | Status | Heartbeat | Start | Stop | ErrorReport | Unknown
)


@dataclass(frozen=True, slots=True)
class Message:
    header: Header
    body: Payload


def _read_hello(payload: memoryview) -> Hello:
    said = Fields(payload)
    return Hello(
        said.text("device"),
        said.text("firmware"),
        said.text("serial_number"),
        said.texts("capabilities"),
        said.versions("versions"),
        said.text("replaying", ""),
    )


def read_geometry(payload: bytes | memoryview) -> Geometry:
    """The geometry that a JSON payload states.

    Raises:
        MalformedMessage: it breaks the specification.
    """
    said = Fields(payload)
    name = said.text("shape", Shape.UNKNOWN.value)
    try:
        shape = Shape(name)
    except ValueError:
        raise malformed(f"{name!r} is not a shape") from None
    pairs = {key: said.maybe_pair(key) for key in ("mm_per_px", "apex_px", "radii_mm", "angles_deg")}
    return Geometry(shape, **pairs)


def read_settings(payload: bytes | memoryview) -> AcquisitionSettings:
    """The settings that a JSON payload states.

    Raises:
        MalformedMessage: it breaks the specification.
    """
    said = Fields(payload)
    return AcquisitionSettings(
        depth_mm=said.maybe_number("depth_mm"),
        gain_db=said.maybe_number("gain_db"),
        frequency_mhz=said.maybe_number("frequency_mhz"),
        focus_mm=said.maybe_number("focus_mm"),
        mechanical_index=said.maybe_number("mechanical_index"),
        thermal_index=said.maybe_number("thermal_index"),
        preset=said.maybe_text("preset"),
    )


def _read_frame(payload: memoryview) -> FrameData:
    if len(payload) < _FRAME.size:
        raise malformed("a frame without its 8 bytes of format")
    number, rows, columns = _FRAME.unpack_from(payload)
    data = payload[_FRAME.size :]
    try:
        pixel_format = PixelFormat(number)
    except ValueError:
        raise malformed(f"{number} is not a pixel format") from None
    wanted = rows * columns * _SAMPLE_BYTES.get(pixel_format, 0)
    if not 0 < rows * columns <= PAYLOAD_LIMIT or not data or (wanted and len(data) != wanted):
        raise malformed(f"a {pixel_format.name} frame of {rows} x {columns} in {len(data)} bytes")
    return FrameData(pixel_format, rows, columns, data)


def _read_status(payload: memoryview) -> Status:
    said = Fields(payload)
    return Status(said.maybe_number("temperature_c"), said.maybe_number("battery_percent"), said.count("dropped_frames", 0))


def _read_error(payload: memoryview) -> ErrorReport:
    said = Fields(payload)
    return ErrorReport(said.text("code"), said.text("text", ""))


_READERS: dict[int, Callable[[memoryview], Payload]] = {
    MessageType.HELLO: _read_hello,
    MessageType.GEOMETRY: lambda payload: GeometryReport(read_geometry(payload)),
    MessageType.SETTINGS: lambda payload: SettingsReport(read_settings(payload)),
    MessageType.FRAME: _read_frame,
    MessageType.EVENT: lambda payload: Event(Fields(payload).text("name")),
    MessageType.STATUS: _read_status,
    MessageType.ERROR: _read_error,
    MessageType.START: lambda payload: Start(Fields(payload).versions("versions")),
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
        raise TypeError(f"{type(body).__name__} is no message that can be sent") from None
    match body:
        case FrameData():
            return kind, (_FRAME.pack(body.format, body.rows, body.columns), body.data.cast("B").toreadonly())
        case Heartbeat() | Stop():
            return kind, ()
        case GeometryReport(what) | SettingsReport(what) | SetSettings(what):
            return kind, (dump(asdict(what)),)
        case _:
            return kind, (dump(asdict(body)),)
