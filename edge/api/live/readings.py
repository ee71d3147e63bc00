"""The newest readings, one per frame."""

from typing import Annotated

from fastapi import APIRouter, Query

from edge.api.exams.schema import readings_shown
from edge.api.schema import ReadingOut, reading_of
from edge.api.view import ApplianceView
from edge.pipeline.hub import RECENT


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/readings", summary="The newest readings, oldest first")
    async def readings(limit: Annotated[int, Query(ge=1, le=RECENT)] = 1) -> list[ReadingOut]:
        shown = readings_shown(view)
        readings = [reading_of(observation) for observation in view.hub.recent(limit)]
        return readings if shown else [reading.model_copy(update={"findings": []}) for reading in readings]
