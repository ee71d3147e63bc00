"""Recording: start, stop, and state."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from edge.api.schema import RecordingOut, recording_of
from edge.api.view import ApplianceView
from edge.api.who import Who


class RecordingFileOut(BaseModel):
    """A recording on the disk, below `recordings` in the data folder: its size in bytes, and when it was written last."""

    name: str
    bytes: int
    at: datetime


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/recording", summary="The current or the last recording")
    async def recording() -> RecordingOut:
        return recording_of(view.recording.status)

    @routes.get("/recordings", summary="The recordings on the disk, the newest first")
    def listed(who: Who) -> list[RecordingFileOut]:
        return [RecordingFileOut.model_validate(each, from_attributes=True) for each in view.recording.listed(who)]

    @routes.post("/recording", status_code=201, summary="Start to record every frame and reading")
    def begin(who: Who) -> RecordingOut:
        return recording_of(view.record(who))

    @routes.delete("/recording", summary="End the recording; the file is complete when the answer arrives")
    def end(who: Who) -> RecordingOut:
        return recording_of(view.recording.stop(who))
