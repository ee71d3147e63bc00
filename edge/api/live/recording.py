"""Recording: start, stop, and state."""

from fastapi import APIRouter

from edge.api.schema import RecordingOut, recording_of
from edge.api.view import ApplianceView
from edge.api.who import Who


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/recording", summary="The current or the last recording")
    async def recording() -> RecordingOut:
        return recording_of(view.recording.status)

    @routes.post("/recording", status_code=201, summary="Start to record every frame and reading")
    def begin(who: Who) -> RecordingOut:
        return recording_of(view.record(who))

    @routes.delete("/recording", summary="End the recording; the file is complete when the answer arrives")
    def end(who: Who) -> RecordingOut:
        return recording_of(view.recording.stop(who))
