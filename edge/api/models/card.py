"""The card of the release that reads, as a page. A hospital's own card is foreign text: it may be styled, and do nothing else."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from edge.api.view import ApplianceView

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}
"""Its style and drawings stand in the page itself; no script runs in it and nothing is loaded."""


def router(view: ApplianceView) -> APIRouter:
    routes = APIRouter()

    @routes.get("/model-card", response_class=HTMLResponse)
    async def card() -> HTMLResponse:
        return HTMLResponse(view.models.release.card, headers=HEADERS)

    return routes
