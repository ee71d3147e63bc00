"""Every frame with its readings and events, in one MCAP file that any MCAP tool opens.

| topic | message |
|---|---|
| `/image`, `/image/simulated` | one frame, `foxglove.RawImage` in mono8; `timestamp` is the device's clock |
| `/geometry`, `/settings` | geometry and settings of the frames after it, in SonoLink's own JSON |
| `/machine` | the machine of the frames after it, where it is not the one in the metadata `sonoedge.source`, JSON |
| `/reading` | the model's reading of the frame with that sequence number, JSON |
| `/link` | an event between probe and appliance, JSON: `event`, and for a loss its `cause` and `frames` |

The sequence of a record is the number of its frame. Chunks are compressed with zstd: a real frame takes 74 kB and 0.47 ms. LZ4
takes 101 kB and 0.18 ms; JPEG-LS takes 47 kB and 1.8 ms, which is too slow for a live recording on a board. A file that was cut off
anywhere can be read up to its last whole chunk.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import IO

from foxglove_schemas_protobuf.RawImage_pb2 import RawImage
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from mcap.writer import CompressionType, Writer

from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry
from firmware_bridge.link.header import SEQUENCES
from firmware_bridge.link.messages import GeometryReport, SettingsReport, write_body
from firmware_bridge.machine import Machine
from firmware_bridge.sources.base import SourceInfo, SourceLoss

IMAGE, SIMULATED_IMAGE, GEOMETRY, SETTINGS, READING, LINK = "/image", "/image/simulated", "/geometry", "/settings", "/reading", "/link"
MACHINE = "/machine"
METADATA = "sonoedge.source"
PROFILE = "sonoedge"
MONO = "mono8"
CHUNK_BYTES = 1024 * 1024
ANY_OBJECT = b'{"type":"object"}'

Said = Mapping[str, object]


class RecordingWriter:
    """Writes one recording; not safe to share between threads. Records have the host's time, which never goes back."""

    def __init__(self, stream: IO[bytes], info: SourceInfo, notice: str, clock: tuple[int, int] | None = None) -> None:
        """`notice` is stored in the recording, for a person who opens it with another tool.

        `clock` is one moment as wall time and as monotonic time, in nanoseconds; None is now.

        Raises:
            OSError: it cannot be written; so does every other method.
        """
        self._mcap = Writer(stream, CHUNK_BYTES, CompressionType.ZSTD)
        self._mcap.start(PROFILE)
        self._wall_ns, self._monotonic_ns = clock or (time.time_ns(), time.monotonic_ns())
        self._geometry: Geometry | None = None
        self._settings: AcquisitionSettings | None = None
        self._machine = info.machine
        self._losses: dict[str, int] = {}
        self._channels = self._make_channels()
        self._mcap.add_metadata(METADATA, {**_facts(info), "notice": notice})

    def _make_channels(self) -> dict[str, int]:
        image = self._mcap.register_schema("foxglove.RawImage", "protobuf", _described(RawImage.DESCRIPTOR.file))
        schema = self._mcap.register_schema("sonoedge.Said", "jsonschema", ANY_OBJECT)
        images = {topic: self._mcap.register_channel(topic, "protobuf", image) for topic in (IMAGE, SIMULATED_IMAGE)}
        return images | {
            topic: self._mcap.register_channel(topic, "json", schema) for topic in (GEOMETRY, SETTINGS, READING, LINK, MACHINE)
        }

    def frame(self, frame: Frame) -> None:
        """Adds a frame, and before it its geometry, its settings and its machine if they have changed."""
        if frame.geometry != self._geometry:
            self._geometry = frame.geometry
            self._add(GEOMETRY, _json(GeometryReport(frame.geometry)), frame.received_ns, frame.sequence)
        if frame.settings != self._settings:
            self._settings = frame.settings
            self._add(SETTINGS, _json(SettingsReport(frame.settings)), frame.received_ns, frame.sequence)
        if frame.machine != self._machine:
            self._machine = frame.machine
            self._add(MACHINE, json.dumps(machine_facts(frame.machine)).encode(), frame.received_ns, frame.sequence)
        rows, columns = frame.pixels.shape
        image = RawImage(width=columns, height=rows, encoding=MONO, step=columns, data=frame.pixels.tobytes())
        # Set field by field: `FromMicroseconds` raises after the year 9999, and a device's clock may start at any value.
        seconds, left_us = divmod(frame.captured_us, 1_000_000)
        image.timestamp.seconds, image.timestamp.nanos = seconds, left_us * 1000
        self._add(SIMULATED_IMAGE if frame.simulated else IMAGE, image.SerializeToString(), frame.received_ns, frame.sequence)

    def reading(self, sequence: int, content: Said, at_ns: int) -> None:
        """Adds the reading of the frame with this number."""
        self._add(READING, json.dumps(content).encode(), at_ns, sequence)

    def event(self, content: Said, at_ns: int, sequence: int = 0) -> None:
        """Adds an event on the link."""
        self._add(LINK, json.dumps(content).encode(), at_ns, sequence)

    def losses(self, losses: tuple[SourceLoss, ...], at_ns: int) -> None:
        """Adds the losses that are new in a source's running totals."""
        for loss in losses:
            new = loss.frames - self._losses.get(loss.cause, 0)
            if new or loss.cause not in self._losses:
                self.event({"event": "loss", "cause": loss.cause, "frames": new}, at_ns)
        self._losses = {loss.cause: loss.frames for loss in losses}

    def reopened(self) -> None:
        """A source that is opened again counts its losses from 0."""
        self._losses = {}

    def _add(self, topic: str, data: bytes, at_ns: int, sequence: int) -> None:
        at = self._wall_ns + max(0, at_ns - self._monotonic_ns)
        self._mcap.add_message(self._channels[topic], at, data, at, sequence % SEQUENCES)

    def flush(self) -> None:
        """Ends the current chunk. Once the file is synced, a power cut loses nothing from before this moment."""
        self._mcap.flush()  # type: ignore[no-untyped-call]

    def finish(self) -> None:
        """Writes the index; no record can be added afterwards."""
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
        **machine_facts(info.machine),
    }


def machine_facts(machine: Machine) -> dict[str, str]:
    """The machine as a recording states it; `machine_in` reads it back."""
    return {"machine": machine.name, "machine_by_person": str(machine.by_person).lower()}


def machine_in(facts: Mapping[str, object]) -> Machine | None:
    """The machine that a recording states; None where it states none."""
    name = facts.get("machine")
    return replace(Machine.named(name), by_person=facts.get("machine_by_person") == "true") if isinstance(name, str) else None


def _described(file: FileDescriptor) -> bytes:
    """The file's descriptor after those of its imports, as MCAP requires of a protobuf schema."""
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
