"""Recordings in MCAP: files from `firmware_bridge.recording`, and images in mono8 or 8UC1 from other recorders.

The file is read from its beginning. So a file without an index, cut off by a loss of power, gives all its whole chunks. No chunk
is unpacked beyond its announced size, and a chunk that announces more than the limit is not unpacked at all.
"""

import json
import struct
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import lz4.frame
import numpy as np
import zstandard
from google.protobuf.message import DecodeError
from mcap.exceptions import EndOfFile, McapError
from mcap.reader import SeekingReader
from mcap.records import Channel, Chunk, McapRecord, Message, Metadata, Schema, Statistics
from mcap.stream_reader import StreamReader, breakup_chunk

from firmware_bridge.errors import MalformedMessage, SourceUnreadable
from firmware_bridge.frame import AcquisitionSettings, Geometry, Grey
from firmware_bridge.link.messages import read_geometry, read_settings
from firmware_bridge.machine import UNKNOWN_MACHINE, Machine
from firmware_bridge.recording import GEOMETRY, LINK, MACHINE, METADATA, SETTINGS, SIMULATED_IMAGE, machine_in
from firmware_bridge.sources.base import Origin
from firmware_bridge.sources.recorded import UNTIMED_US, Lose, Picture, Recording

RECORD_LIMIT = 64 * 1024 * 1024
"""Size of the longest record in bytes, packed or unpacked."""
IMAGE_SCHEMA = "foxglove.RawImage"
GREY_ENCODINGS = {"mono8", "8UC1"}
JUMP_US = 24 * 3600 * 1_000_000
"""No probe pauses for a day within one recording: its clock jumped, and a replay does not wait that long."""
MOST_LOST = 2**53
"""The most frames that one record may state as lost; a larger number is not a plausible count, and no metric could show it."""
CUT_OFF, UNDECODABLE = "cut-off", "undecodable"
DAMAGED = (
    *(McapError, struct.error, zstandard.ZstdError, RuntimeError, EOFError),
    *(ValueError, KeyError, MemoryError, OverflowError, AttributeError, TypeError, IndexError),
)
"""The errors that the MCAP library, LZ4, zstd and struct raise on damaged bytes."""


class McapUnreadable(SourceUnreadable):
    """Not MCAP, or damaged before its first image."""


def open_mcap(path: Path) -> Recording:
    """Opens a recording.

    Raises:
        McapUnreadable: not MCAP, or its head is damaged.
    """
    facts: Mapping[str, str] = {}
    try:
        with path.open("rb") as file:
            for record in _reader(file).records:
                if isinstance(record, Metadata) and record.name == METADATA:
                    facts = record.metadata
                if isinstance(record, (Metadata, Chunk, Message)):
                    break
    except EndOfFile as error:
        raise McapUnreadable(f"{path}: cut off before its first image", "Copy the file again from the machine that made it") from error
    except DAMAGED as error:
        raise McapUnreadable(f"{path}: not an MCAP recording ({error})", "Copy the file again from the machine that made it") from error
    return Recording(
        lambda lose: _pictures(path, lose),
        count_frames(path),
        device=str(facts.get("device", "")),
        firmware=str(facts.get("firmware", "")),
        serial_number=str(facts.get("serial_number", "")),
        simulated=facts.get("origin") == Origin.SIMULATED.value or facts.get("simulated") == "true",
        machine=_machine(facts),
    )


def _machine(facts: Mapping[str, str]) -> Machine:
    """The machine that was recorded. Earlier recordings state only a device, which for a replay is not what made the images."""
    if (stated := machine_in(facts)) is not None:
        return stated
    return UNKNOWN_MACHINE if facts.get("origin") == Origin.REPLAY.value else Machine.named(str(facts.get("device", "")))


def statistics_of(path: Path) -> tuple[Statistics, Mapping[int, Channel]] | None:
    """The counts and channels of the index; None for a file that was cut off before them."""
    try:
        with path.open("rb") as file:
            summary = SeekingReader(file, record_size_limit=RECORD_LIMIT).get_summary()
    except (*DAMAGED, OSError):  # a damaged footer may name an unreadable place
        return None
    return None if summary is None or summary.statistics is None else (summary.statistics, summary.channels)


def count_frames(path: Path) -> int | None:
    """The number of frames in the index; None if there is no index."""
    counted = statistics_of(path)
    if counted is None:
        return None
    statistics, channels = counted
    return sum(count for key, count in statistics.channel_message_counts.items() if key in channels and _is_image_topic(channels[key]))


def _is_image_topic(channel: Channel) -> bool:
    return channel.message_encoding == "protobuf" and "image" in channel.topic


@dataclass(slots=True)
class _State:
    """The geometry, settings, machine and time of the next frame."""

    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    geometry: Geometry = field(default_factory=Geometry)
    settings: AcquisitionSettings = field(default_factory=AcquisitionSettings)
    machine: Machine | None = None
    first_us: int | None = None
    last_us: int = 0
    step_us: int = UNTIMED_US

    def at(self, captured_us: int) -> int:
        """Microseconds since the first frame; if a device's clock went back or jumped, time continues from the previous frame."""
        if self.first_us is None:
            self.first_us = captured_us
        at_us = captured_us - self.first_us
        if not 0 <= at_us - self.last_us <= JUMP_US:
            at_us = self.last_us + self.step_us
            self.first_us = captured_us - at_us
        self.step_us = at_us - self.last_us or self.step_us
        self.last_us = at_us
        return at_us


def _reader(file: BinaryIO) -> StreamReader:
    return StreamReader(file, emit_chunks=True, record_size_limit=RECORD_LIMIT)


def messages_of(path: Path, lose: Lose) -> Iterator[tuple[Channel, Message, Schema | None]]:
    """Every message in the order of writing; a damaged chunk is reported to `lose`, and so is the end of a file that was cut off."""
    state = _State()
    with path.open("rb") as file:
        records = iter(_reader(file).records)
        while True:
            try:
                record = next(records, None)
            except DAMAGED:
                lose(CUT_OFF, 0)
                return
            if record is None:
                return
            for one in _unpacked(record, lose):
                if isinstance(one, Schema):
                    state.schemas[one.id] = one
                elif isinstance(one, Channel):
                    state.channels[one.id] = one
                elif isinstance(one, Message) and one.channel_id in state.channels:
                    channel = state.channels[one.channel_id]
                    yield channel, one, state.schemas.get(channel.schema_id)


def _unpacked(record: McapRecord, lose: Lose) -> list[McapRecord]:
    if not isinstance(record, Chunk):
        return [record]
    try:
        plain = _unpack(record)
        return breakup_chunk(replace(record, compression="", data=plain), validate_crc=True)
    except DAMAGED:
        lose(UNDECODABLE, 1)
        return []


def _unpack(chunk: Chunk) -> bytes:
    size = chunk.uncompressed_size
    if size > RECORD_LIMIT:
        raise ValueError(f"a chunk of {size} bytes")
    match chunk.compression:
        case "lz4":
            plain = bytes(lz4.frame.LZ4FrameDecompressor().decompress(chunk.data, max_length=size + 1))
        case "zstd":
            with zstandard.ZstdDecompressor(max_window_size=RECORD_LIMIT).stream_reader(chunk.data) as stream:
                plain = stream.read(size + 1)
        case "":
            plain = chunk.data
        case other:
            raise ValueError(f"compression {other!r}")
    if len(plain) != size:
        raise ValueError(f"a chunk that announces {size} bytes and does not hold them")
    return plain


def _pictures(path: Path, lose: Lose) -> Generator[Picture, None, None]:
    state = _State()
    for channel, message, schema in messages_of(path, lose):
        try:
            picture = _understood(state, channel, message, schema, lose)
        except (MalformedMessage, *DAMAGED, DecodeError):
            lose(UNDECODABLE, 1)
            continue
        if picture is not None:
            yield picture


def _understood(state: _State, channel: Channel, message: Message, schema: Schema | None, lose: Lose) -> Picture | None:
    if schema is not None and schema.name == IMAGE_SCHEMA and channel.message_encoding == "protobuf":
        captured_us, pixels = _image(message.data)
        at_us = state.at(captured_us)
        simulated = channel.topic == SIMULATED_IMAGE
        return Picture(pixels, at_us, state.step_us, state.geometry, state.settings, simulated, state.machine)
    if channel.topic == GEOMETRY:
        state.geometry = read_geometry(message.data)
    elif channel.topic == SETTINGS:
        state.settings = read_settings(message.data)
    elif channel.topic == MACHINE:
        state.machine = machine_in(dict(json.loads(message.data)))
    elif channel.topic == LINK:
        _lost(json.loads(message.data), lose)
    return None


def _lost(event: object, lose: Lose) -> None:
    """Reports frames that were lost during the recording as lost in its replay too."""
    if isinstance(event, dict) and event.get("event") == "loss":
        cause, frames = event.get("cause"), event.get("frames")
        if isinstance(cause, str) and isinstance(frames, int) and frames >= 0:
            if frames > MOST_LOST:
                raise ValueError(f"{frames} frames lost at once")
            lose(cause, frames)


def _image(data: bytes) -> tuple[int, Grey]:
    """The device's time in microseconds and the pixels."""
    from foxglove_schemas_protobuf.RawImage_pb2 import RawImage  # noqa: PLC0415 - only a recording needs protobuf

    image = RawImage.FromString(data)
    if image.encoding not in GREY_ENCODINGS:
        raise ValueError(f"pixels in {image.encoding!r}")
    rows, columns, step = image.height, image.width, image.step
    if not (rows and columns and step >= columns and len(image.data) >= (rows - 1) * step + columns):
        raise ValueError(f"{rows} x {columns} pixels in {len(image.data)} bytes")
    flat = np.frombuffer(image.data, np.uint8)
    if step == columns:
        pixels = flat[: rows * columns].reshape(rows, columns)
    else:
        pixels = np.stack([flat[row * step : row * step + columns] for row in range(rows)])
    return image.timestamp.seconds * 1_000_000 + image.timestamp.nanos // 1000, pixels
