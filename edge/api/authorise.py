"""Authorisation: every request, the live stream too, passes here before anything of it is read; the table is `edge.api.routes`."""

import time
from typing import Protocol
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from edge.api import description, problems
from edge.api.description import COOKIE, CSRF
from edge.api.idempotency import Idempotency
from edge.api.limits import UNREAD, BodyLimit
from edge.api.routes import LOOKS, SOCKET, Guarded, find, guarded
from edge.people.actor import Actor, NotAllowed, NotSignedIn
from edge.people.permission import Verb
from edge.people.session import csrf_of, same
from edge.records.answers import Answers
from edge.records.store import Store
from edge.services.people import PeopleService
from edge.services.sign_in import SessionOver, SignInService
from firmware_bridge.errors import SonoEdgeError

UNUSED = frozenset({Verb.LOOK, Verb.SIGN_IN})
"""What a page asks by itself: it does not show that somebody is still there."""
TOLD_AGAIN_S = 60
"""One refusal of the same request of the same session is audited in so many seconds."""
REFUSED_SOCKET = 1008


class Foreign(NotAllowed):
    """A change comes from a page of another site, or of nobody knows where."""

    code = "foreign-request"


class Gate:
    """What every request passes first: sets `request.state.actor`, or answers why not."""

    def __init__(self, app: ASGIApp, desk: SignInService, routes: tuple[Guarded, ...]) -> None:
        self._app, self._desk, self._routes = app, desk, routes
        self._told: dict[tuple[str, str], float] = {}

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
        """Who asks, where they may.

        Raises:
            NotAllowed: the actor is not allowed to.
        """
        method = SOCKET if asked.scope["type"] == "websocket" else asked.scope["method"]
        found = find(self._routes, method, asked.scope["path"])
        uses = found is not None and not UNUSED.intersection(found[0].row.verbs)
        actor, over = self._who(asked, uses=uses)
        if found is None:
            return actor  # the router answers that there is no such thing
        route, of = found
        try:
            if method not in LOOKS:
                _require_own_page(asked, actor)
            route.row.admit(actor, of)
        except NotSignedIn as error:
            raise over or error from None
        except NotAllowed:
            self._tell(actor, f"{route.method} {route.path}")
            raise
        return actor

    def _who(self, asked: HTTPConnection, *, uses: bool) -> tuple[Actor, SessionOver | None]:
        token = asked.cookies.get(COOKIE)
        try:
            return self._desk.actor(token, address_of(asked), uses=uses), None
        except SessionOver as over:
            return self._desk.stranger, over

    def _tell(self, actor: Actor, what: str) -> None:
        """Audits a refusal of somebody who is signed in, now and then."""
        now = time.monotonic()
        if actor.session_id is None or now - self._told.get((actor.session_id, what), -TOLD_AGAIN_S) < TOLD_AGAIN_S:
            return
        self._told = {key: at for key, at in self._told.items() if now - at < TOLD_AGAIN_S} | {(actor.session_id, what): now}
        self._desk.denied(actor, what)


class Guards(Protocol):
    """What authorisation needs to know of the appliance."""

    @property
    def store(self) -> Store: ...

    @property
    def people(self) -> PeopleService: ...


def install(app: FastAPI, view: Guards) -> None:
    """Lets nothing by that the table does not permit, nor a body that is too large, and nothing be done twice for one key.

    To be called when every route is there.

    Raises:
        RouteUnguarded: a route has no row.
    """
    routes = guarded(app)
    description.install(app, routes)
    app.add_middleware(Idempotency, answers=Answers(view.store), seal=view.store.seal, routes=routes)
    app.add_middleware(BodyLimit)
    app.add_middleware(Gate, desk=view.people.sign_in, routes=routes)  # the last one added is the first that is passed


def address_of(asked: HTTPConnection) -> str:
    """Where a request comes from; behind no proxy, as the appliance is served."""
    return asked.client.host if asked.client else ""


def _require_own_page(asked: HTTPConnection, actor: Actor) -> None:
    """A page of another site must not change anything through the browser of somebody who is signed in."""
    origin = asked.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != asked.headers.get("host"):
        raise Foreign("This change comes from the page of another site", "Use the appliance's own page")
    if actor.session_id is not None and not same(asked.headers.get(CSRF, ""), csrf_of(asked.cookies[COOKIE])):
        raise Foreign(f"The header {CSRF} is missing or wrong", "Send the csrf_token of GET /api/v1/sessions/current with each change")


async def _refuse(error: SonoEdgeError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).close(REFUSED_SOCKET, error.what)
    else:
        refusal = problems.refusal(Request(scope), error)
        refusal.headers.update({} if scope["method"] in LOOKS else UNREAD)
        await refusal(scope, receive, send)
