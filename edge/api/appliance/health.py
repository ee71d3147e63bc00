"""Whether the appliance is ready to read."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from edge.api.problems import respond
from edge.api.view import ApplianceView
from edge.pipeline.source_state import SourceState


class Health(BaseModel):
    """`ready` says that the model has answered its warm-up; the source may still be missing. `notices` are waiting to be seen."""

    ready: bool
    source: SourceState
    notices: int


def router(view: ApplianceView) -> APIRouter:
    routes = APIRouter()

    @routes.get("/health", response_model=Health, summary="Ready to read, or 503 while the model warms up")
    async def health(request: Request) -> Health | JSONResponse:
        if not view.ready:
            return respond(request, 503, "the model is warming up")
        return Health(ready=True, source=view.source_status().state, notices=view.notices.waiting)

    return routes
