"""Whether the appliance is ready."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from edge.api.problems import respond
from edge.api.schema import OutageOut, outages_of
from edge.api.view import ApplianceView
from edge.pipeline.source_state import SourceState


class Health(BaseModel):
    """`ready` states that the model has finished its warm-up; the source can still be missing. `notices` counts those not seen yet.

    `state` is degraded while an optional part does not run; exams are still possible.
    """

    ready: bool
    source: SourceState
    notices: int
    state: Literal["ok", "degraded"]
    outages: list[OutageOut]


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/health", response_model=Health, summary="Whether the appliance is ready; 503 while the model warms up")
    async def health(request: Request) -> Health | JSONResponse:
        if not view.ready:
            return respond(request, 503, "the model is warming up")
        outages = outages_of(view)
        return Health(
            ready=True,
            source=view.source_status().state,
            notices=view.notices.waiting,
            state="degraded" if outages else "ok",
            outages=outages,
        )
