"""The two messages of the live stream.

A frame message holds the JPEG and the reading of one frame, so that neither is shown without the other. A status message holds
everything else: the source, the counts, the recording, the exam, the model.

Bytes: u32 little-endian length of the JSON, the JSON, then the JPEG (no bytes in a status message). `kind` names the message; a client
ignores unknown kinds.
"""

import json
import struct
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from edge.api.exams.schema import ExamOut, GuidanceOut
from edge.api.models.schema import ModelLineOut
from edge.api.says import SaysOut
from edge.api.schema import CountsOut, OutageOut, ReadingOut, RecordingOut, SourceOut
from edge.exam.verdict import Verdict

_LENGTH = struct.Struct("<I")


class ClassMapOut(BaseModel):
    """Probabilities: one plane (rows of columns) for each finding, in the order of the findings.

    The map covers the field (`left`, `top`, `width`, `height`) in pixels of the frame; the field can reach beyond the frame. Only within
    the polygon `border`, in (x, y) pixels of the frame, is it a map of ultrasound. `sequence` is that of the frame from which it was made.
    """

    sequence: int = -1
    rows: int
    columns: int
    left: float
    top: float
    width: float
    height: float
    border: list[tuple[int, int]]
    planes: list[list[float]]


class ScaleOut(BaseModel):
    """Depth runs from the row `skin` down to `deepest`; `mm_per_px` (downwards) is None if the source does not report it."""

    skin: float
    deepest: float
    mm_per_px: float | None


class AnswerOut(BaseModel):
    """What is stated of one finding on the last seconds, in the `word` of people: `why` it is open, and `advice`, where that is known.

    `reason` is the code of `why`: quality, novelty, machine or looking.
    """

    key: str
    name: str
    verdict: Verdict
    word: str
    percent: int
    reason: str
    why: str
    advice: str
    says: SaysOut | None = None


class FrameMessage(BaseModel):
    """One frame (`rows` by `columns` pixels): the same bytes for every watcher. `rejected` is the count of `StreamOut` at this frame.

    The findings of `reading` are for this frame only and change with every breath; `answers` are the last seconds read as one clip, and
    change at most once a second. `received_ms` is when the frame's last byte arrived, by the monotonic clock of the appliance. The JPEG
    states the sequence number of its frame in a comment, so that a client can compare it with those of the reading and of the map.
    """

    kind: Literal["frame"] = "frame"
    received_ms: float = 0.0
    rows: int
    columns: int
    rejected: int
    reading: ReadingOut
    answers: list[AnswerOut] = []
    class_map: ClassMapOut
    scale: ScaleOut
    guidance: GuidanceOut | None


class StreamOut(BaseModel):
    """The live stream: `watchers` now; since the start, `built` frame messages and `rejected` frames, which could not be built.

    If a status message has a larger `rejected` than the last frame message, the image of that message is not the newest frame.
    """

    watchers: int
    built: int
    rejected: int


class StatusMessage(BaseModel):
    """Sent after a change, and once per second. `skipped` counts the frames that this watcher missed because it was too slow.

    While there are `outages`, the appliance is degraded.
    """

    kind: Literal["status"] = "status"
    source: SourceOut
    counts: CountsOut
    recording: RecordingOut
    exam: ExamOut
    model: ModelLineOut
    frames_per_second: float
    stream: StreamOut
    outages: list[OutageOut]
    skipped: int = 0


_EITHER: TypeAdapter[FrameMessage | StatusMessage] = TypeAdapter(Annotated[FrameMessage | StatusMessage, Field(discriminator="kind")])


def pack_frame(message: BaseModel, jpeg: bytes) -> bytes:
    """The bytes of a message with the JPEG of its frame: of a live frame, for every watcher, or of a frame of a film.

    Raises:
        ValueError: a number is not finite, which JSON cannot carry.
    """
    return _pack(json.dumps(message.model_dump(mode="json"), allow_nan=False, separators=(",", ":")).encode(), jpeg)


def pack_status(body: bytes, skipped: int) -> bytes:
    """The bytes of a status message for one watcher; `body` is from `status_body` and the same for all watchers."""
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
