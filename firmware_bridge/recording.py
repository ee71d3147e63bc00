"""Every frame and everything that was said of it, in one MCAP file that any MCAP tool opens.

| topic | message |
|---|---|
| `/image`, `/image/simulated` | one frame, `foxglove.RawImage` in mono8; `timestamp` is the device's clock |
| `/geometry`, `/settings` | what holds for the frames after it, in SonoLink's own JSON |
| `/reading` | what the model said of the frame of that sequence number, JSON |
| `/link` | what happened between probe and appliance, JSON: `event`, and for a loss its `cause` and `frames` |

The sequence of a record is the number of the frame that it belongs to. Chunks are compressed with zstd: a
real frame takes 74 kB and 0.47 ms, against 101 kB and 0.18 ms of LZ4, and 47 kB but 1.8 ms of JPEG-LS, which is too slow for a live
recording on a board. A file that ends anywhere is read up to its last whole chunk.
"""

import json
import time
from collections.abc import Mapping
from typing import IO

from foxglove_schemas_protobuf.RawImage_pb2 import RawImage
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from mcap.writer import CompressionType, Writer

from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry
from firmware_bridge.link.header import SEQUENCES
from firmware_bridge.link.messages import GeometryReport, SettingsReport, write_body
from firmware_bridge.sources.base import SourceInfo, SourceLoss

IMAGE, SIMULATED_IMAGE, GEOMETRY, SETTINGS, READING, LINK = "/image", "/image/simulated", "/geometry", "/settings", "/reading", "/link"
METADATA = "sonoedge.source"
PROFILE = "sonoedge"
MONO = "mono8"
CHUNK_BYTES = 1024 * 1024
ANY_OBJECT = b'{"type":"object"}'

Said = Mapping[str, object]


class RecordingWriter:
    """Writes one recording; not safe to share between threads. Times of the records are the host's, and never go back."""

    def __init__(self, stream: IO[bytes], info: SourceInfo, notice: str) -> None:
        """`notice` is kept with the recording, for whoever opens it with another tool.

        Raises:
            OSError: it cannot be written; so does every other method.
        """
        self._mcap = Writer(stream, CHUNK_BYTES, CompressionType.ZSTD)
        self._mcap.start(PROFILE)
        self._wall_ns, self._monotonic_ns = time.time_ns(), time.monotonic_ns()
        self._geometry: Geometry | None = None
        self._settings: AcquisitionSettings | None = None
        self._losses: dict[str, int] = {}
        self._channels = self._make_channels()
        self._mcap.add_metadata(METADATA, {**_facts(info), "notice": notice})

    def _make_channels(self) -> dict[str, int]:
        image = self._mcap.register_schema("foxglove.RawImage", "protobuf", _described(RawImage.DESCRIPTOR.file))
        said = self._mcap.register_schema("sonoedge.Said", "jsonschema", ANY_OBJECT)
        images = {topic: self._mcap.register_channel(topic, "protobuf", image) for topic in (IMAGE, SIMULATED_IMAGE)}
        return images | {topic: self._mcap.register_channel(topic, "json", said) for topic in (GEOMETRY, SETTINGS, READING, LINK)}

    def frame(self, frame: Frame) -> None:
        """Adds a frame, and before it the geometry and the settings that it was made with where they have changed."""
        if frame.geometry != self._geometry:
            self._geometry = frame.geometry
            self._add(GEOMETRY, _json(GeometryReport(frame.geometry)), frame.received_ns, frame.sequence)
        if frame.settings != self._settings:
            self._settings = frame.settings
            self._add(SETTINGS, _json(SettingsReport(frame.settings)), frame.received_ns, frame.sequence)
        rows, columns = frame.pixels.shape
        image = RawImage(width=columns, height=rows, encoding=MONO, step=columns, data=frame.pixels.tobytes())
        # Set field by field: `FromMicroseconds` raises beyond the year 9999, and a device's clock may count from anywhere.
        seconds, left_us = divmod(frame.captured_us, 1_000_000)
        image.timestamp.seconds, image.timestamp.nanos = seconds, left_us * 1000
        self._add(SIMULATED_IMAGE if frame.simulated else IMAGE, image.SerializeToString(), frame.received_ns, frame.sequence)

    def reading(self, sequence: int, said: Said, at_ns: int) -> None:
        """Adds what was said of the frame with this number."""
        self._add(READING, json.dumps(said).encode(), at_ns, sequence)

    def event(self, said: Said, at_ns: int, sequence: int = 0) -> None:
        """Adds something that happened on the link."""
        self._add(LINK, json.dumps(said).encode(), at_ns, sequence)

    def losses(self, losses: tuple[SourceLoss, ...], at_ns: int) -> None:
        """Adds what of a source's running totals is new."""
        for loss in losses:
            new = loss.frames - self._losses.get(loss.cause, 0)
            if new or loss.cause not in self._losses:
                self.event({"event": "loss", "cause": loss.cause, "frames": new}, at_ns)
        self._losses = {loss.cause: loss.frames for loss in losses}

    def reopened(self) -> None:
        """A source that is opened again counts its losses from nought."""
        self._losses = {}

    def _add(self, topic: str, data: bytes, at_ns: int, sequence: int) -> None:
        at = self._wall_ns + max(0, at_ns - self._monotonic_ns)
        self._mcap.add_message(self._channels[topic], at, data, at, sequence % SEQUENCES)

    def flush(self) -> None:
        """Ends the chunk in progress, so that a cut of power costs nothing from before this moment once the file is synced."""
        self._mcap.flush()  # type: ignore[no-untyped-call]

    def finish(self) -> None:
        """Writes the index; nothing can be added after it."""
        self._mcap.finish()  # type: ignore[no-untyped-call]


def _json(body: GeometryReport | SettingsReport) -> bytes:
    return b"".join(bytes(part) for part in write_body(body)[1])


def _facts(info: SourceInfo) -> dict[str, str]:
    return {
        "url": info.url,
        "name": info.name,
        "origin": info.origin.value,
        "simulated": str(info.simulated).lower(),
        "device": info.device,
        "firmware": info.firmware,
        "serial_number": info.serial_number,
    }


def _described(file: FileDescriptor) -> bytes:
    """The file's descriptor after those that it imports, as MCAP asks of a protobuf schema."""
    found: dict[str, FileDescriptor] = {}

    def visit(one: FileDescriptor) -> None:
        for needed in one.dependencies:
            visit(needed)
        found.setdefault(one.name, one)

    visit(file)
    listed = FileDescriptorSet()
    for one in found.values():
        one.CopyToProto(listed.file.add())
    return bytes(listed.SerializeToString())
