"""The application: routers, problem documents, the pages, and the headers that stop browsers from loading or storing anything else."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from edge.api import authorise, problems
from edge.api.appliance import board, doctor, health, log, settings, version
from edge.api.description import LICENCE, SERVERS
from edge.api.exams import (
    clips,
    course,
    deliveries,
    differences,
    encounters,
    exams,
    feedback,
    film,
    findings,
    outcomes,
    patients,
    performance,
    post_test,
    protocols,
    reports,
    reviews,
    sticks,
    worklist,
)
from edge.api.hosts import Hosts
from edge.api.live import readings, recording, source, stream
from edge.api.models import acceptances, card, drift, ledger, model, shadow
from edge.api.people import cards, claim, operators, sessions
from edge.api.probe import probe_checks
from edge.api.records import audit, backups, clock, notices
from edge.api.routes import API
from edge.api.shell import PREFIX, WEB, ShellFiles, pages_of, worker_of
from edge.api.view import ApplianceView

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""The page loads nothing from elsewhere, no other page can frame it, and no browser stores it; only its shell has a rule of its own."""

PAGES = {
    "/": "index.html",
    "/home": "home.html",
    "/welcome": "welcome.html",
    "/exams": "exams.html",
    "/exam": "exam.html",
    "/probe": "probe.html",
    "/feedback": "feedback.html",
    "/device": "device.html",
    "/people": "people.html",
    "/docs": "docs.html",
}
"""The file of each page."""

DESCRIPTION = "The local API of a SonoEdge appliance. Research use, not a diagnosis."


def create_app(view: ApplianceView, metrics: Callable[[], bytes]) -> FastAPI:
    """Builds the API of a running appliance; `metrics` returns Prometheus text."""
    app = FastAPI(
        title="SonoEdge", version="1", description=DESCRIPTION, servers=SERVERS, license_info=LICENCE, docs_url=None, redoc_url=None
    )
    problems.install(app)
    for noun in (health, card):
        _add(app, APIRouter(include_in_schema=False), noun.add_routes, view)
    people = (claim, sessions, operators, cards)
    nouns = (health, version, source, stream, readings, protocols, probe_checks, recording, model, shadow, acceptances, ledger, settings)
    recorded = (
        exams,
        patients,
        course,
        worklist,
        encounters,
        clips,
        film,
        findings,
        outcomes,
        post_test,
        feedback,
        performance,
        drift,
        differences,
        reviews,
        reports,
        deliveries,
    )
    for noun in (*nouns, *people, *recorded, sticks, audit, clock, notices, backups, doctor, log, board):
        name = noun.__name__.rpartition(".")[2]
        _add(app, APIRouter(prefix=API, tags=[name], responses=problems.PROBLEM_RESPONSES), noun.add_routes, view)

    @app.get("/metrics", include_in_schema=False)
    async def exposition() -> Response:
        from prometheus_client import CONTENT_TYPE_LATEST  # noqa: PLC0415 - slow, and many boxes are never asked

        return Response(metrics(), media_type=CONTENT_TYPE_LATEST)

    for path, page in pages_of(WEB, PAGES).items():
        app.add_api_route(path, _text(page), include_in_schema=False, response_class=HTMLResponse)
    app.add_api_route("/sw.js", _text(worker_of(WEB, PAGES), "text/javascript"), include_in_schema=False)
    app.mount(PREFIX, ShellFiles(WEB), name="web")
    authorise.install(app, view)
    app.add_middleware(Hosts, names=lambda: _names(view))
    app.middleware("http")(_add_headers)
    return app


def _names(view: ApplianceView) -> tuple[str, ...]:
    site = view.slots.site
    return (view.settings.host, *view.settings.names, *(site.names if site else ()))


def _add(app: FastAPI, routes: APIRouter, add_routes: Callable[[APIRouter, ApplianceView], None], view: ApplianceView) -> None:
    """Adds the routes of a noun as they are: `include_router` would build each of them a second time."""
    add_routes(routes, view)
    app.routes.extend(routes.routes)


def _text(content: str, media_type: str = "text/html") -> Callable[[], Awaitable[Response]]:
    async def text() -> Response:
        return Response(content, media_type=media_type)

    return text


async def _add_headers(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await answer(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
