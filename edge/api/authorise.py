"""Authorisation: checks every request, also for the live stream, before it is read. The table is in `edge.api.routes`."""

import time
from typing import Protocol

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from edge.api import description, problems
from edge.api.costly import Costly
from edge.api.description import COOKIE, CSRF
from edge.api.hosts import same_site
from edge.api.idempotency import Idempotency, Stores
from edge.api.limits import UNREAD, BodyLimit
from edge.api.routes import LOOKS, SOCKET, Guarded, find, guarded
from edge.people.actor import Actor, NotAllowed, NotSignedIn
from edge.people.permission import Verb
from edge.people.session import csrf_of, same
from edge.services.people import PeopleService
from edge.services.sign_in import SessionOver
from firmware_bridge.errors import SonoEdgeError

UNUSED = frozenset({Verb.LOOK, Verb.SIGN_IN})
"""Verbs of requests that a page sends by itself: they do not extend the session."""
AUDITED_AGAIN_S = 60
"""A refusal of the same request in the same session is audited at most once in this many seconds."""
REFUSED_SOCKET = 1008
FORWARDING = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "client-ip", "cf-connecting-ip"})
FORWARDING_PREFIX = "x-forwarded"
"""Headers of a request that a proxy passed on."""


class Foreign(NotAllowed):
    """A change, or a watcher, comes from the page of another site, or a change from an unknown page."""

    code = "foreign-request"


class Guards(Stores, Protocol):
    """The parts of the appliance that authorisation needs."""

    @property
    def people(self) -> PeopleService: ...


class Gate:
    """The first check of every request: sets `request.state.actor`, or answers with the refusal."""

    def __init__(self, app: ASGIApp, view: Guards, routes: tuple[Guarded, ...]) -> None:
        self._app, self._view, self._routes = app, view, routes
        self._audited: dict[tuple[str, str], float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            scope.setdefault("state", {})["actor"] = await run_in_threadpool(self._admit, connection)
        except SonoEdgeError as error:
            await _refuse(error, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _admit(self, asked: HTTPConnection) -> Actor:
        """The actor of a request that is allowed.

        Raises:
            NotAllowed: the actor is not allowed to use the route.
            EmergencyWaits: too many changes come from one emergency session.
        """
        method = SOCKET if asked.scope["type"] == "websocket" else asked.scope["method"]
        found = find(self._routes, method, asked.scope["path"])
        uses = found is not None and not found[0].row.polled and not UNUSED.intersection(found[0].row.verbs)
        actor, over = self._who(asked, uses=uses)
        if found is None:
            return actor  # the router answers 404
        route, of = found
        try:
            if method not in LOOKS:
                _require_own_page(asked, actor)
                if uses:
                    self._view.people.sign_in.changes(actor)
            route.row.admit(actor, of)
        except NotSignedIn as error:
            raise over or error from None
        except NotAllowed:
            self._audit(actor, f"{route.method} {route.path}")
            raise
        return actor

    def _who(self, asked: HTTPConnection, *, uses: bool) -> tuple[Actor, SessionOver | None]:
        token = asked.cookies.get(COOKIE)
        try:
            return self._view.people.sign_in.actor(token, address_of(asked), uses=uses), None
        except SessionOver as over:
            return self._view.people.sign_in.stranger, over

    def _audit(self, actor: Actor, what: str) -> None:
        """Audits a refusal of a signed-in actor, at most once in `AUDITED_AGAIN_S`."""
        now = time.monotonic()
        if actor.session_id is None or now - self._audited.get((actor.session_id, what), -AUDITED_AGAIN_S) < AUDITED_AGAIN_S:
            return
        self._audited = {key: at for key, at in self._audited.items() if now - at < AUDITED_AGAIN_S} | {(actor.session_id, what): now}
        self._view.people.sign_in.denied(actor, what)


def install(app: FastAPI, view: Guards) -> None:
    """Admits only requests that the table permits, refuses bodies that are too large, and runs a request once for each idempotency key.

    Costly requests run one after another. Call it after every route is added.

    Raises:
        RouteUnguarded: a route has no row.
    """
    routes = guarded(app)
    description.install(app, routes)
    app.add_middleware(Costly, routes=routes)
    app.add_middleware(Idempotency, view=view, routes=routes)
    app.add_middleware(BodyLimit)
    app.add_middleware(Gate, view=view, routes=routes)  # the last one added is the first that is passed


def address_of(asked: HTTPConnection) -> str:
    """The address that a request comes from; the appliance is served without a proxy."""
    return asked.client.host if asked.client else ""


def origin_of(asked: HTTPConnection) -> str:
    """The address that a request comes from; through a proxy it is marked, because then it is not at the board, whatever the address."""
    forwarded = any(name in FORWARDING or name.startswith(FORWARDING_PREFIX) for name in asked.headers)
    return f"{address_of(asked)} (forwarded)" if forwarded else address_of(asked)


def _require_own_page(asked: HTTPConnection, actor: Actor) -> None:
    """A page of another site must not change anything through the browser of a signed-in person."""
    if not same_site(asked):
        raise Foreign("This change comes from the page of another site", "Use the appliance's own page", says="foreign_page")
    if actor.session_id is not None and not same(asked.headers.get(CSRF, ""), csrf_of(asked.cookies[COOKIE])):
        fix = "Send the csrf_token of GET /api/v1/sessions/current with each change"
        raise Foreign(f"The header {CSRF} is missing or wrong", fix, says="foreign_session")


async def _refuse(error: SonoEdgeError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).close(REFUSED_SOCKET, error.what)
    else:
        refusal = problems.refusal(Request(scope), error)
        refusal.headers.update({} if scope["method"] in LOOKS else UNREAD)
        await refusal(scope, receive, send)
