"""The card of the active release, as a page. A hospital's own card is foreign text: it can have styles, but no scripts."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from edge.api.view import ApplianceView

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}
"""The page contains its styles and drawings; it runs no script and loads nothing."""


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/model-card", response_class=HTMLResponse)
    async def card() -> HTMLResponse:
        return HTMLResponse(view.models.release.card, headers=HEADERS)
