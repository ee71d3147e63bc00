"""The film of a clip: its frames in a stream of bytes that a page plays while it loads. It holds no readings, so a blind reader sees it."""

import struct
from collections.abc import Iterator
from itertools import chain

import structlog
from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from edge.api.exams.clips import recording_of
from edge.api.exams.exams import RecordId
from edge.api.live.frame import jpeg_of, scale_out
from edge.api.live.message import ScaleOut, pack_frame
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.exam.review.film import FilmFrame, film_of
from edge.exam.taking.capture import Window
from edge.records.errors import RecordUnknown
from firmware_bridge.errors import BridgeError

FILM = "application/octet-stream"
FORM = (
    "For each frame: u32 little-endian length of what follows; u32 little-endian length of the JSON; the JSON (`index`, `count`, `at_ms`, "
    "`rows`, `columns`, `simulated`, `damaged`, `scale`); the frame as a grey JPEG. Fewer frames than `count`: the film ends early"
)
UNREADABLE = (BridgeError, OSError)

log = structlog.get_logger()
_LENGTH = struct.Struct("<I")


class FilmFrameOut(BaseModel):
    """Frame `index` (from 0) of `count`, `rows` by `columns` pixels, shown `at_ms` milliseconds after the first.

    A film with fewer frames than `count` ended early. `damaged`: a part of the recording cannot be read, so that frames can be missing.
    """

    index: int
    count: int
    at_ms: float
    rows: int
    columns: int
    simulated: bool
    damaged: bool
    scale: ScaleOut


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get(
        "/clips/{clip_id}/film",
        summary="The frames of a clip in time, at most 200 evenly chosen, without readings: play them while they load",
        response_class=StreamingResponse,
        responses={200: {"content": {FILM: {"schema": {"type": "string", "format": "binary"}}}, "description": FORM}},
    )
    def film(who: Who, clip_id: RecordId) -> StreamingResponse:
        stored = view.exam.book.clip(who, clip_id)
        clip, path = stored.clip, recording_of(stored)
        frames = film_of(path, Window(clip.first, clip.last, clip.quality))
        try:
            first = next(frames)
        except UNREADABLE as error:
            why = error.what if isinstance(error, BridgeError) else error.strerror
            what = f"The recording {path.name} cannot be read ({why})"
            raise RecordUnknown(what, "Look for it in a backup", says="clip_unreadable") from error
        whole = chain([first], frames)
        return StreamingResponse(_pieces(whole, clip_id, view.settings.jpeg_quality), media_type=FILM)


def _pieces(frames: Iterator[FilmFrame], clip_id: str, quality: int) -> Iterator[bytes]:
    """The film ends early where the recording does: the page compares the frames with their `count`."""
    try:
        for each in frames:
            message = pack_frame(_frame_out(each), jpeg_of(each.frame, quality))
            yield _LENGTH.pack(len(message)) + message
    except UNREADABLE as error:
        log.warning("a film ends early, its recording cannot be read", clip=clip_id, exc_info=error)


def _frame_out(film: FilmFrame) -> FilmFrameOut:
    rows, columns = film.frame.pixels.shape
    return FilmFrameOut(
        index=film.index,
        count=film.count,
        at_ms=film.at_us / 1000,
        rows=rows,
        columns=columns,
        simulated=film.frame.simulated,
        damaged=film.damaged,
        scale=scale_out(film.frame, film.depth_rows),
    )
