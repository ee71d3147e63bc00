"""One message of the live stream: a frame's JPEG together with that frame's reading, so that neither is ever shown without the other.

Bytes: u32 little-endian length of the JSON, the JSON, then the JPEG (nothing, where the source is silent).
"""

import struct
import time

import numpy as np
import simplejpeg
from pydantic import BaseModel

from edge.api.exams.schema import ExamOut, GuidanceOut, exam_out, guidance_out, readings_shown
from edge.api.models.schema import ModelLineOut, line_of
from edge.api.schema import CountsOut, ReadingOut, RecordingOut, SourceOut, counts_of, reading_of, recording_of, source_of
from edge.api.view import ApplianceView
from edge.people.actor import NOBODY_ACTOR
from edge.pipeline.observation import Observation

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
    """Depth is counted from the row `skin` down to `deepest`; `mm_per_px` (downwards) is None where the source does not tell its scale."""

    skin: float
    deepest: float
    mm_per_px: float | None


class LiveMessage(BaseModel):
    """`reading`, `class_map` and the sizes are None in a message without a frame; `skipped` counts what this client was too slow for."""

    source: SourceOut
    counts: CountsOut
    recording: RecordingOut
    exam: ExamOut
    model: ModelLineOut
    frames_per_second: float
    skipped: int = 0
    rows: int | None = None
    columns: int | None = None
    reading: ReadingOut | None = None
    class_map: ClassMapOut | None = None
    scale: ScaleOut | None = None
    guidance: GuidanceOut | None = None


def pack(message: LiveMessage, jpeg: bytes = b"") -> bytes:
    head = message.model_dump_json().encode()
    return _LENGTH.pack(len(head)) + head + jpeg


def unpack(data: bytes) -> tuple[LiveMessage, bytes]:
    """The inverse of `pack`, for clients in Python."""
    (length,) = _LENGTH.unpack_from(data)
    start = _LENGTH.size
    return LiveMessage.model_validate_json(data[start : start + length]), data[start + length :]


def status_message(view: ApplianceView) -> LiveMessage:
    return LiveMessage(
        source=source_of(view),
        counts=counts_of(view),
        recording=recording_of(view.recording.status),
        exam=exam_out(view, NOBODY_ACTOR),
        model=line_of(view),
        frames_per_second=_rate(view),
    )


def frame_message(view: ApplianceView, observation: Observation, skipped: int) -> LiveMessage:
    rows, columns = observation.frame.pixels.shape
    message = status_message(view)
    message.skipped, message.rows, message.columns = skipped, rows, columns
    message.reading = reading_of(observation)
    message.class_map, message.scale = _class_map(observation), _scale(observation)
    if not readings_shown(view):
        message.reading.findings, message.class_map.planes = [], []
    message.guidance = guidance_out(view.exam.status.live.advice, time.monotonic())
    return message


def jpeg_of(observation: Observation, quality: int) -> bytes:
    """The frame as it was, in grey."""
    pixels = np.ascontiguousarray(observation.frame.pixels)[:, :, np.newaxis]
    jpeg: bytes = simplejpeg.encode_jpeg(pixels, quality=quality, colorspace="GRAY")
    return jpeg


def _class_map(observation: Observation) -> ClassMapOut:
    logits = observation.reading.class_map
    rows, columns, _ = logits.shape
    findings = enumerate(observation.release.findings)
    planes = [[round(finding.probability(x), 3) for x in logits[:, :, i].ravel().tolist()] for i, finding in findings]
    field = observation.seen.field
    return ClassMapOut(rows=rows, columns=columns, left=field.left, top=field.top, width=field.width, height=field.height, planes=planes)


def _scale(observation: Observation) -> ScaleOut:
    known = observation.frame.geometry.mm_per_px
    skin, deepest = observation.seen.depth_rows
    return ScaleOut(skin=skin, deepest=deepest, mm_per_px=known[1] if known else None)


def _rate(view: ApplianceView) -> float:
    """Frames read a second over the hub's memory."""
    recent = view.hub.recent()
    if len(recent) < 2:
        return 0.0
    return round((len(recent) - 1) * 1e9 / max(1, recent[-1].published_ns - recent[0].published_ns), 1)
