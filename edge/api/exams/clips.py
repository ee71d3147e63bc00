"""Clips: one recording of one zone, and the recording itself."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from fastapi import APIRouter
from fastapi.responses import FileResponse
from mcap.exceptions import McapError

from edge.api.exams.exams import RecordId
from edge.api.exams.records_schema import ClipOut, clip_out
from edge.api.nameless import NamelessFileResponse
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.exam.review.blind_clip import without_readings
from edge.records.errors import RecordsFull, RecordUnknown
from edge.services.book import StoredClip

MCAP = "application/octet-stream"
"""MCAP has no registered media type."""


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/clips/{clip_id}", summary="One clip")
    def one(who: Who, clip_id: RecordId) -> ClipOut:
        return clip_out(view.exam.book.clip(who, clip_id).clip)

    @routes.get(
        "/clips/{clip_id}/recording",
        summary="The recording, an MCAP file, whole or by ranges of bytes",
        response_class=FileResponse,
        responses={200: {"content": {MCAP: {"schema": {"type": "string", "format": "binary"}}}, "description": "The file"}},
    )
    def recording(who: Who, clip_id: RecordId) -> FileResponse:
        stored = view.exam.book.clip(who, clip_id)
        clip, path = stored.clip, recording_of(stored)
        name = f"{clip.zone}-{clip.id}.mcap"
        if stored.shown:
            return FileResponse(path, media_type=MCAP, filename=name)
        return NamelessFileResponse(_blind_copy(path), media_type=MCAP, filename=name)


def recording_of(stored: StoredClip) -> Path:
    """The recording of a clip.

    Raises:
        RecordUnknown: there is no such file.
    """
    if stored.path is None:
        what = f"The recording of clip {stored.clip.id} is {stored.clip.file_state}"
        raise RecordUnknown(what, "Look for it in a backup, or take the zone again", says="clip_missing")
    return stored.path


def _blind_copy(path: Path) -> IO[bytes]:
    """The recording for a blind reader, in a file without a name on the same disk.

    Raises:
        RecordUnknown: it cannot be read.
        RecordsFull: the disk has no room for the copy.
    """
    with ExitStack() as undo:
        try:
            copy = undo.enter_context(TemporaryFile(dir=path.parent))
            without_readings(path, copy)
            copy.flush()
        except McapError as error:
            what = f"The recording {path.name} cannot be read ({error})"
            raise RecordUnknown(what, "Look for it in a backup", says="clip_unreadable") from error
        except OSError as error:
            fix = "Free some room, and try again"
            raise RecordsFull(f"The recording {path.name} cannot be copied without the readings ({error.strerror})", fix) from error
        undo.pop_all()
    return copy
