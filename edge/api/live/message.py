"""The two messages of the live stream.

A frame message is one frame's JPEG with that frame's reading, so that neither is shown without the other. A status message is all that
is not of one frame: the source, the counts, the recording, the exam, the model.

Bytes: u32 little-endian length of the JSON, the JSON, then the JPEG (nothing in a status message). `kind` names the message; a reader
ignores kinds that it does not know.
"""

import json
import struct
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from edge.api.exams.schema import ExamOut, GuidanceOut
from edge.api.models.schema import ModelLineOut
from edge.api.schema import CountsOut, ReadingOut, RecordingOut, SourceOut

_LENGTH = struct.Struct("<I")


class ClassMapOut(BaseModel):
    """Probabilities, one plane (rows of columns) a finding in the order of the findings.

    The map covers the field (`left`, `top`, `width`, `height`) in pixels of the frame, beyond which it may reach.
    """

    rows: int
    columns: int
    left: float
    top: float
    width: float
    height: float
    planes: list[list[float]]


class ScaleOut(BaseModel):
    """Depth is counted from the row `skin` down to `deepest`; `mm_per_px` (downwards) is None where the source does not report it."""

    skin: float
    deepest: float
    mm_per_px: float | None


class FrameMessage(BaseModel):
    """One frame (`rows` by `columns` pixels): the same bytes for every watcher. `rejected` is that of `StreamOut` when it was built."""

    kind: Literal["frame"] = "frame"
    rows: int
    columns: int
    rejected: int
    reading: ReadingOut
    class_map: ClassMapOut
    scale: ScaleOut
    guidance: GuidanceOut | None


class StreamOut(BaseModel):
    """The live stream itself: who watches now, and of how many frames a message was `built` or could not be (`rejected`), since the start.

    While a status message has more `rejected` than the newest frame message, the image of that frame is not the newest.
    """

    watchers: int
    built: int
    rejected: int


class StatusMessage(BaseModel):
    """Sent when something changed, and once a second. `skipped` counts the frames that this watcher was too slow for."""

    kind: Literal["status"] = "status"
    source: SourceOut
    counts: CountsOut
    recording: RecordingOut
    exam: ExamOut
    model: ModelLineOut
    frames_per_second: float
    stream: StreamOut
    skipped: int = 0


_EITHER: TypeAdapter[FrameMessage | StatusMessage] = TypeAdapter(Annotated[FrameMessage | StatusMessage, Field(discriminator="kind")])


def pack_frame(message: FrameMessage, jpeg: bytes) -> bytes:
    """The bytes for every watcher.

    Raises:
        ValueError: a number is not finite, which JSON cannot carry.
    """
    return _pack(json.dumps(message.model_dump(mode="json"), allow_nan=False, separators=(",", ":")).encode(), jpeg)


def pack_status(body: bytes, skipped: int) -> bytes:
    """The bytes for one watcher; `body` is from `status_body` and the same for all."""
    return _pack(b'{"skipped":%d,' % skipped + body[1:])


def status_body(message: StatusMessage) -> bytes:
    return message.model_dump_json(exclude={"skipped"}).encode()


def unpack(data: bytes) -> tuple[FrameMessage | StatusMessage, bytes]:
    """A message and its JPEG, for clients in Python.

    Raises:
        ValueError: the kind is unknown, or a field is missing.
    """
    (length,) = _LENGTH.unpack_from(data)
    start = _LENGTH.size
    return _EITHER.validate_json(data[start : start + length]), data[start + length :]


def _pack(head: bytes, jpeg: bytes = b"") -> bytes:
    return _LENGTH.pack(len(head)) + head + jpeg
