"""Recording: begin, end, and how it goes."""

from fastapi import APIRouter

from edge.api.schema import RecordingOut, recording_of
from edge.api.view import ApplianceView
from edge.api.who import Who


def router(view: ApplianceView) -> APIRouter:
    routes = APIRouter()

    @routes.get("/recording", summary="The recording that runs, or the last one")
    async def recording() -> RecordingOut:
        return recording_of(view.recording.status)

    @routes.post("/recording", status_code=201, summary="Record every frame and reading from now on")
    def begin(who: Who) -> RecordingOut:
        return recording_of(view.record(who))

    @routes.delete("/recording", summary="End the recording; the file is complete when this answers")
    def end(who: Who) -> RecordingOut:
        return recording_of(view.recording.stop(who))

    return routes
