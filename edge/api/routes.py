"""What each route of the API is, of the table of `edge.people.permission`: a route that is not here keeps the appliance from starting."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, compile_path

from edge.people.actor import Actor
from edge.people.permission import Verb

API = "/api/v1"
ANY_METHOD = "*"
SOCKET = "WEBSOCKET"
LOOKS = frozenset({"GET", "HEAD", "OPTIONS", SOCKET})
"""Methods that change nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """Whoever may do one of the verbs may use the route.

    `own`: and whoever its record is of. `pin`: with the PIN given again. `secret`: its answer is never kept, because a token is in it.
    """

    verbs: tuple[Verb, ...]
    own: bool = False
    pin: bool = False
    secret: bool = False

    def admit(self, actor: Actor, of: str | None) -> None:
        """Lets an actor by; `of` is the operator whose record is asked for.

        Raises:
            NotAllowed: the actor may do none of the verbs.
        """
        if not (self.own and of is not None and of == actor.operator_id):
            actor.require_any(*self.verbs)
        if self.pin:
            actor.require_pin()


def _rows(row: Row, *routes: str) -> dict[str, Row]:
    """`METHOD path`, below /api/v1 where the path has no leading slash."""
    named = (route.split(" ", 1) for route in routes)
    return {key(method, path if path.startswith("/") else f"{API}/{path}"): row for method, path in named}


def key(method: str, path: str) -> str:
    """Whatever the parts of a path are called that differ from record to record."""
    return f"{method} {re.sub(r'{[^}]*}', '{}', path)}"


ROUTES: Mapping[str, Row] = {
    **_rows(Row((Verb.LOOK,)), "GET /", "GET /docs", "GET /probe", "GET /openapi.json", "* /web", "GET /metrics", "GET /model-card"),
    **_rows(Row((Verb.LOOK,)), "GET /health", "GET health", "GET version", "GET settings", "GET notices", "WEBSOCKET live"),
    **_rows(Row((Verb.LOOK,)), "GET source", "GET source/counts", "GET readings", "GET recording", "GET probe/checks"),
    **_rows(Row((Verb.LOOK,)), "GET protocols", "GET protocols/{}", "GET skip-reasons", "GET exams/current"),
    **_rows(Row((Verb.LOOK,)), "GET model", "GET models", "GET model/shadow"),
    **_rows(Row((Verb.SIGN_IN,), secret=True), "POST claim", "POST sessions", "POST sessions/break-glass", "POST sessions/current/pin"),
    **_rows(Row((Verb.SIGN_IN,)), "GET sessions/current", "DELETE sessions/current"),
    **_rows(Row((Verb.SCAN,)), "PUT source/settings", "POST recording", "DELETE recording", "POST probe/checks"),
    **_rows(Row((Verb.SCAN,)), "POST exams", "POST exams/{}/end", "PUT exams/{}/patient", "PUT exams/{}/context"),
    **_rows(Row((Verb.SCAN,)), "POST patients"),
    **_rows(Row((Verb.SCAN,)), *(f"POST exams/{{}}/zones/{{}}/{act}" for act in ("select", "skip", "reopen", "keep", "record-anyway"))),
    **_rows(Row((Verb.READ, Verb.SCAN)), "GET exams/{}", "GET exams/{}/clips", "GET exams/{}/findings"),  # who only scans: the open one
    **_rows(Row((Verb.READ,)), "GET exams", "GET patients", "GET patients/{}", "PATCH patients/{}"),
    **_rows(Row((Verb.READ,)), "GET clips/{}", "GET clips/{}/recording", "GET findings", "GET findings/{}"),
    **_rows(Row((Verb.READ,)), "GET exams/{}/reviews", "GET exams/{}/report", "GET exams/{}/report.pdf", "GET exams/{}/reports"),
    **_rows(Row((Verb.DECIDE,)), "POST findings/{}/decision"),
    **_rows(Row((Verb.REVIEW, Verb.OVER_READ)), "GET reviews/queue", "POST exams/{}/reviews", "GET reviews/{}", "PUT reviews/{}"),
    **_rows(Row((Verb.SIGN,)), "POST exams/{}/sign", "POST exams/{}/amend"),
    **_rows(Row((Verb.VOUCH, Verb.UNLOCK)), "GET operators"),
    **_rows(Row((Verb.VOUCH, Verb.UNLOCK), own=True), "GET operators/{}", "GET operators/{}/credentials", "GET operators/{}/standing"),
    **_rows(Row((Verb.VOUCH,)), "POST operators/{}/credentials"),
    **_rows(Row((Verb.ENROL,)), "POST operators", "PATCH operators/{}", "POST operators/{}/grants", "DELETE operators/{}/grants/{}"),
    **_rows(Row((Verb.ENROL,), own=True), "PUT operators/{}/pin"),
    **_rows(Row((Verb.UNLOCK,)), "POST operators/{}/unlock"),
    **_rows(Row((Verb.SERVE,)), "POST model/activate", "POST model/rollback", "PUT model/shadow"),
    **_rows(Row((Verb.SERVE,)), "POST notices/{}/seen", "GET backups", "POST backups"),
    **_rows(Row((Verb.AUDIT,)), "GET audit", "GET audit/head", "POST audit/verify"),
    **_rows(Row((Verb.AUDIT,), pin=True), "GET audit/export", "POST clock/correct"),
}
"""By `key`. Nothing of a patient is told to somebody who is not signed in: what LOOK shows is the live image and the appliance itself."""


class RouteUnguarded(RuntimeError):
    """A route has no row: who may use it was forgotten."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """One route as the router knows it, with its row."""

    method: str
    path: str
    pattern: re.Pattern[str]
    row: Row


def guarded(app: FastAPI) -> tuple[Guarded, ...]:
    """Every route of the app, in the order in which its router tries them.

    Raises:
        RouteUnguarded: some have no row.
    """
    found = tuple(_routes(app))
    if missing := [f"{method} {path}" for method, path, _ in found if key(method, path) not in ROUTES]:
        raise RouteUnguarded(f"no row in edge/api/routes.py says who may use {', '.join(missing)}")
    return tuple(Guarded(method, path, pattern, ROUTES[key(method, path)]) for method, path, pattern in found)


def _routes(app: FastAPI) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    for each in iter_route_contexts(app.routes):
        path = each.path or ""
        if isinstance(each.route, Mount):
            yield ANY_METHOD, path, compile_path(f"{path}/{{path:path}}")[0]
            continue
        for method in sorted((each.methods or {SOCKET}) - {"HEAD"}):
            yield method, path, compile_path(path)[0]


def find(routes: tuple[Guarded, ...], method: str, path: str) -> tuple[Guarded, str | None] | None:
    """The route that answers a request, and the operator whose record it asks for; None: there is none."""
    asked = "GET" if method == "HEAD" else method
    for each in routes:
        if each.method in (asked, ANY_METHOD) and (said := each.pattern.match(path)):
            parts = [value for name, value in said.groupdict().items() if name != "path"]
            return each, parts[0] if parts else None
    return None
