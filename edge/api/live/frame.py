"""Builds the bytes of a frame message from an observation, once for all watchers."""

import struct
import threading
import time

import numpy as np
import simplejpeg
import structlog

from edge.api.exams.schema import guidance_out, readings_shown
from edge.api.live.message import AnswerOut, ClassMapOut, FrameMessage, ScaleOut, pack_frame
from edge.api.says import says_out
from edge.api.schema import reading_of
from edge.api.view import ApplianceView
from edge.exam.steady import Answer
from edge.exam.verdict import WHY_OPEN, WORDS
from edge.inference.shown import percent
from edge.people.actor import NOBODY_ACTOR
from edge.pipeline.observation import Observation
from firmware_bridge.frame import Frame

_MARKER = struct.Struct(">HH")
"""A segment of a JPEG: its marker, and the length of what follows the marker."""
_SOI, _COMMENT = 2, 0xFFFE
"""Bytes of the start of the image, and the marker of a comment (ITU T.81, B.2.4.5)."""

log = structlog.get_logger()


class FrameBuilder:
    """`built` and `rejected` count frames since the start. `build` can be called from any thread."""

    def __init__(self, view: ApplianceView) -> None:
        self.built = 0
        self.rejected = 0
        self._view = view
        self._logged: set[type[Exception]] = set()
        self._lock = threading.Lock()

    def build(self, observation: Observation) -> bytes | None:
        """The message, or None if it cannot be built: one bad frame must not end the stream. The first failure of each kind is logged."""
        with self._lock:
            try:
                message = frame_message(self._view, observation, self.rejected)
                data = pack_frame(
                    message, numbered(jpeg_of(observation.frame, self._view.settings.jpeg_quality), observation.frame.sequence)
                )
            except Exception as error:
                self._reject(observation, error)
                return None
            self.built += 1
            return data

    def _reject(self, observation: Observation, error: Exception) -> None:
        self.rejected += 1
        if type(error) not in self._logged:
            self._logged.add(type(error))
            log.error("frame not shown, more of this kind are only counted", sequence=observation.frame.sequence, exc_info=error)


def frame_message(view: ApplianceView, observation: Observation, rejected: int = 0) -> FrameMessage:
    """The parts of a frame that an anonymous watcher is allowed to see.

    Raises:
        ValueError: the class map is not finite.
    """
    rows, columns = observation.frame.pixels.shape
    message = FrameMessage(
        received_ms=observation.frame.received_ns / 1e6,
        rows=rows,
        columns=columns,
        rejected=rejected,
        reading=reading_of(observation),
        answers=[_answer(answer, observation) for answer in view.live.answers(NOBODY_ACTOR)],
        class_map=_class_map(observation),
        scale=scale_out(observation.frame, observation.seen.depth_rows),
        guidance=guidance_out(view.exam.status.live.advice, time.monotonic()),
    )
    if not readings_shown(view):
        message.reading.findings, message.class_map.planes = [], []
    return message


def _answer(answer: Answer, observation: Observation) -> AnswerOut:
    name = next((label.name for label in observation.standing.labels if label.key == answer.finding), answer.finding)
    return AnswerOut(
        key=answer.finding,
        name=name,
        verdict=answer.verdict,
        word=WORDS[answer.verdict],
        percent=percent(answer.probability),
        reason=answer.reason,
        why=WHY_OPEN.get(answer.reason, ""),
        advice=answer.advice,
        says=says_out(answer.advice),
    )


def jpeg_of(frame: Frame, quality: int) -> bytes:
    """The unchanged frame as a grey JPEG."""
    pixels = np.ascontiguousarray(frame.pixels)[:, :, np.newaxis]
    jpeg: bytes = simplejpeg.encode_jpeg(pixels, quality=quality, colorspace="GRAY")
    return jpeg


def numbered(jpeg: bytes, sequence: int) -> bytes:
    """A JPEG that states the sequence number of its frame, as a comment after its JFIF header."""
    comment = b"sequence=%d" % sequence
    _, header = _MARKER.unpack_from(jpeg, _SOI)
    place = _SOI + 2 + header
    return jpeg[:place] + _MARKER.pack(_COMMENT, len(comment) + 2) + comment + jpeg[place:]


def _class_map(observation: Observation) -> ClassMapOut:
    logits = observation.reading.class_map
    if not np.isfinite(logits).all():
        raise ValueError("the class map is not finite")
    rows, columns, _ = logits.shape
    labels = enumerate(observation.standing.labels)
    planes = [[round(label.probability(x), 3) for x in logits[:, :, i].ravel().tolist()] for i, label in labels]
    field, border = observation.seen.field, [*observation.seen.border]
    place = {"left": field.left, "top": field.top, "width": field.width, "height": field.height}
    return ClassMapOut(sequence=observation.reading.sequence, rows=rows, columns=columns, **place, border=border, planes=planes)


def scale_out(frame: Frame, depth_rows: tuple[float, float]) -> ScaleOut:
    """The scale of a frame whose ultrasound goes from the first to the last of `depth_rows`."""
    known = frame.geometry.mm_per_px
    skin, deepest = depth_rows
    return ScaleOut(skin=skin, deepest=deepest, mm_per_px=known[1] if known else None)
