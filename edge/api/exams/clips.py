"""Clips: one recording of one zone, and the recording itself."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from fastapi import APIRouter
from fastapi.responses import FileResponse
from mcap.exceptions import McapError
from starlette.background import BackgroundTask

from edge.api.exams.exams import RecordId
from edge.api.exams.records_schema import ClipOut, clip_out
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.exam.review.blind_clip import without_readings
from edge.records.errors import RecordUnknown

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
        clip, path = stored.clip, stored.path
        if path is None:
            raise RecordUnknown(f"The recording of clip {clip_id} is {clip.file_state}", "Look for it in a backup, or take the zone again")
        name = f"{clip.zone}-{clip.id}.mcap"
        if stored.shown:
            return FileResponse(path, media_type=MCAP, filename=name)
        copy = _blind_copy(path)
        return FileResponse(copy, media_type=MCAP, filename=name, background=BackgroundTask(copy.unlink, missing_ok=True))


def _blind_copy(path: Path) -> Path:
    """The recording for a blind reader; remove it after it was sent."""
    with NamedTemporaryFile(dir=path.parent, suffix=".blind", delete=False) as copy:
        try:
            without_readings(path, copy)
        except McapError as error:
            Path(copy.name).unlink()
            raise RecordUnknown(f"The recording {path.name} cannot be read ({error})", "Look for it in a backup") from error
    return Path(copy.name)
