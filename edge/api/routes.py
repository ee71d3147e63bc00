"""The verbs of `edge.people.permission` for each route of the API. The appliance does not start if a route is missing here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

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


class Cost(str, Enum):
    """The work of a request. Work of seconds or minutes is done for one request after another, by `edge.api.costly`."""

    SMALL = "small"
    SECONDS = "seconds"
    """Done before the answer begins."""
    MINUTES = "minutes"
    """Done until the answer ends."""


@dataclass(frozen=True, slots=True)
class Row:
    """An actor who is allowed one of the verbs can use the route.

    `own`: also the operator whom the record is about. `pin`: the PIN must be entered again. `secret`: the answer holds a token and is
    never stored. `polled`: a page asks again and again by itself, which does not extend the session.
    """

    verbs: tuple[Verb, ...]
    own: bool = False
    pin: bool = False
    secret: bool = False
    polled: bool = False
    cost: Cost = Cost.SMALL

    def admit(self, actor: Actor, of: str | None) -> None:
        """Admits an actor; `of` is the operator whose record is requested.

        Raises:
            NotAllowed: the actor is allowed none of the verbs.
        """
        if not (self.own and of is not None and of == actor.operator_id):
            actor.require_any(*self.verbs)
        if self.pin:
            actor.require_pin()


def _rows(row: Row, *routes: str) -> dict[str, Row]:
    """Rows by key. Each route is `METHOD path`; a path without a leading slash is below /api/v1."""
    named = (route.split(" ", 1) for route in routes)
    return {key(method, path if path.startswith("/") else f"{API}/{path}"): row for method, path in named}


def key(method: str, path: str) -> str:
    """The key of a route: its method and path, without the names of the path parameters."""
    return f"{method} {re.sub(r'{[^}]*}', '{}', path)}"


ROUTES: Mapping[str, Row] = {
    **_rows(Row((Verb.LOOK,)), "GET /", "GET /exams", "GET /exam", "GET /probe", "GET /people", "GET /docs", "GET /model-card"),
    **_rows(Row((Verb.LOOK,)), "GET /device", "GET /feedback", "GET /home", "GET /welcome", "GET /openapi.json", "GET /metrics", "* /web"),
    **_rows(Row((Verb.LOOK,)), "GET /health", "GET health", "GET version", "GET settings", "GET notices", "WEBSOCKET live"),
    **_rows(Row((Verb.LOOK,)), "GET live/events", "GET /sw.js"),
    **_rows(Row((Verb.LOOK,)), "GET board", "GET board/certificate", "GET source", "GET source/counts", "GET readings", "GET recording"),
    **_rows(Row((Verb.LOOK,), cost=Cost.SECONDS), "GET probe/checks", "GET models"),
    **_rows(Row((Verb.LOOK,)), "GET protocols", "GET protocols/{}", "GET skip-reasons", "GET exams/current"),
    **_rows(Row((Verb.LOOK,)), "GET model", "GET model/shadow", "GET conditions"),
    **_rows(Row((Verb.SIGN_IN,), secret=True), "POST claim", "POST sessions", "POST sessions/break-glass", "POST sessions/current/pin"),
    **_rows(Row((Verb.SIGN_IN,)), "GET sessions/current", "DELETE sessions/current"),
    **_rows(Row((Verb.SCAN,)), "PUT source/settings", "POST recording", "DELETE recording", "POST probe/checks"),
    **_rows(Row((Verb.SCAN,)), "POST exams", "POST exams/{}/control", "POST exams/{}/end", "PUT exams/{}/patient", "PUT exams/{}/context"),
    **_rows(Row((Verb.SCAN,)), "POST patients", "GET worklist", "POST worklist", "GET encounters", "POST encounters"),
    **_rows(Row((Verb.SCAN,)), *(f"POST exams/{{}}/zones/{{}}/{act}" for act in ("select", "skip", "reopen", "keep", "record-anyway"))),
    **_rows(Row((Verb.READ, Verb.SERVE)), "GET model/acceptances", "GET model/ledger"),
    **_rows(Row((Verb.READ, Verb.SCAN)), "GET exams/{}", "GET exams/{}/clips", "GET exams/{}/findings"),  # with SCAN only: the open exam
    **_rows(Row((Verb.READ, Verb.SCAN)), "GET exams/{}/signs", "GET exams/{}/post-test"),
    **_rows(Row((Verb.READ,)), "GET exams", "GET patients", "GET patients/{}", "PATCH patients/{}"),
    **_rows(Row((Verb.READ,)), "POST patients/{}/course", "POST performance"),
    **_rows(Row((Verb.READ,), polled=True), "GET patients/{}/course", "GET performance", "GET drift"),
    **_rows(Row((Verb.READ,)), "GET clips/{}", "GET findings", "GET findings/{}", "GET feedback"),
    **_rows(Row((Verb.READ,)), "GET deliveries", "GET deliveries/{}"),
    **_rows(Row((Verb.READ,), polled=True), "GET exams/{}/deliveries", "GET outbox", "GET sticks", "GET sticks/work"),
    **_rows(Row((Verb.EXPORT,)), "POST exams/{}/deliveries", "POST deliveries/{}/retry", "POST deliveries/{}/cancel"),
    **_rows(Row((Verb.EXPORT,)), "POST sticks/exports", "POST sticks/work/cancel"),
    **_rows(Row((Verb.READ,)), "GET exams/{}/outcomes", "GET outcomes", "GET differences", "GET differences/causes"),
    **_rows(Row((Verb.OVER_READ,)), "POST exams/{}/closings", "POST closings/{}/withdraw"),
    **_rows(Row((Verb.READ,)), "GET exams/{}/reviews", "GET exams/{}/report", "GET exams/{}/reports"),
    **_rows(Row((Verb.READ,), cost=Cost.SECONDS), "GET clips/{}/recording", "GET clips/{}/film", "GET exams/{}/report.pdf"),
    **_rows(Row((Verb.DECIDE,)), "POST findings/{}/decision", "POST exams/{}/outcomes", "POST outcomes/{}/withdraw"),
    **_rows(Row((Verb.REVIEW, Verb.OVER_READ)), "GET reviews/queue", "POST exams/{}/reviews", "GET reviews/{}", "PUT reviews/{}"),
    **_rows(Row((Verb.SIGN,)), "POST exams/{}/sign", "POST exams/{}/amend"),
    **_rows(Row((Verb.VOUCH, Verb.UNLOCK)), "GET operators"),
    **_rows(Row((Verb.VOUCH, Verb.UNLOCK), own=True), "GET operators/{}", "GET operators/{}/credentials", "GET operators/{}/standing"),
    **_rows(Row((Verb.VOUCH, Verb.UNLOCK), own=True), "GET operators/{}/curves"),
    **_rows(Row((Verb.SCAN,)), "GET cards/mine"),
    **_rows(Row((Verb.VOUCH,)), "POST operators/{}/credentials", "POST drift/decisions"),
    **_rows(Row((Verb.ENROL,)), "POST operators", "PATCH operators/{}", "POST operators/{}/grants", "DELETE operators/{}/grants/{}"),
    **_rows(Row((Verb.ENROL,)), "POST sticks/reviews"),
    **_rows(Row((Verb.ENROL,), own=True), "PUT operators/{}/pin"),
    **_rows(Row((Verb.UNLOCK,)), "POST operators/{}/unlock"),
    **_rows(Row((Verb.LEDGER,)), "POST model/ledger"),
    **_rows(Row((Verb.SERVE,)), "POST model/activate", "POST model/rollback", "PUT model/shadow"),
    **_rows(Row((Verb.SERVE,)), "POST notices/{}/seen", "GET backups", "PUT source/trial", "DELETE source/trial"),
    **_rows(Row((Verb.SERVE,), polled=True), "GET log"),
    **_rows(Row((Verb.SERVE,)), "POST board/requests", "GET recordings", "GET settings/changeable", "PATCH settings"),
    **_rows(Row((Verb.SERVE,), cost=Cost.SECONDS), "GET doctor", "POST board/selftest"),
    **_rows(Row((Verb.SERVE,), cost=Cost.MINUTES), "POST backups"),
    **_rows(Row((Verb.AUDIT,)), "GET audit", "GET audit/head"),
    **_rows(Row((Verb.AUDIT,), cost=Cost.SECONDS), "POST audit/verify"),
    **_rows(Row((Verb.AUDIT,), pin=True, cost=Cost.MINUTES), "GET audit/export"),
    **_rows(Row((Verb.AUDIT,), pin=True), "POST clock/correct"),
}
"""By `key`. Without signing in, nothing about a patient is shown: LOOK gives access to the live image and the appliance's state only."""


class RouteUnguarded(RuntimeError):
    """A route has no row in the table, so its permission is unknown."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """One route as the router knows it, with its row."""

    method: str
    path: str
    pattern: re.Pattern[str]
    row: Row


def guarded(app: FastAPI) -> tuple[Guarded, ...]:
    """Every route of the app, in the order in which its router matches them.

    Raises:
        RouteUnguarded: a route has no row.
    """
    found = tuple(_routes(app))
    if missing := [f"{method} {path}" for method, path, _ in found if key(method, path) not in ROUTES]:
        raise RouteUnguarded(f"edge/api/routes.py has no row for {', '.join(missing)}")
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
    """The route that answers a request, and the operator whose record it requests; None if no route matches."""
    asked = "GET" if method == "HEAD" else method
    for each in routes:
        if each.method in (asked, ANY_METHOD) and (match := each.pattern.match(path)):
            parts = [value for name, value in match.groupdict().items() if name != "path"]
            return each, parts[0] if parts else None
    return None
