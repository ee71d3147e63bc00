"""Whether the appliance is ready to read."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from edge.api.problems import respond
from edge.api.view import ApplianceView
from edge.pipeline.source_state import SourceState


class OutageOut(BaseModel):
    """Something optional that does not run: what is missing without it, and why it does not run."""

    name: str
    silence: str
    cause: str


class Health(BaseModel):
    """`ready` says that the model has answered its warm-up; the source may still be missing. `notices` are waiting to be seen.

    `state` is degraded while something optional does not run; exams go on.
    """

    ready: bool
    source: SourceState
    notices: int
    state: Literal["ok", "degraded"]
    outages: list[OutageOut]


def router(view: ApplianceView) -> APIRouter:
    routes = APIRouter()

    @routes.get("/health", response_model=Health, summary="Ready to read, or 503 while the model warms up")
    async def health(request: Request) -> Health | JSONResponse:
        if not view.ready:
            return respond(request, 503, "the model is warming up")
        outages = [OutageOut(name=each.name, silence=each.silence, cause=each.cause) for each in view.outages]
        return Health(
            ready=True,
            source=view.source_status().state,
            notices=view.notices.waiting,
            state="degraded" if outages else "ok",
            outages=outages,
        )

    return routes
