"""Whether the appliance is ready: its model reads, and its disk takes what is recorded."""

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
    @routes.get("/health", response_model=Health, summary="Whether the appliance is ready; else 503 with the cause")
    async def health(request: Request) -> Health | JSONResponse:
        outages = outages_of(view)
        if (stop := next((each for each in outages if each.blocks), None)) is not None:
            return respond(request, 503, f"{stop.silence} {stop.cause}", fix=stop.fix, kind=f"urn:sonoedge:{stop.name}")
        if not view.ready:
            return respond(request, 503, "the model is warming up")
        return Health(
            ready=True,
            source=view.source_status().state,
            notices=view.notices.waiting,
            state="degraded" if outages else "ok",
            outages=outages,
        )
