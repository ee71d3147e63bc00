"""Costly requests: they are answered one after another, so that any number of them leaves the processor to the readings.

A request waits here, and holds no thread. Few can wait, in all and for one person; any other is refused, and its answer states when to
try again. Which routes are costly is in `edge.api.routes`.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from anyio import CapacityLimiter, fail_after
from fastapi import Request
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.api.problems import held_back
from edge.api.routes import Cost, Guarded, find
from edge.people.actor import Actor
from edge.people.place import place_of
from edge.services.busy import ApplianceBusy, busy

MOST, EACH = 8, 3
"""How many requests can be in a lane, in all and for one person; the first of them is at work."""
PATIENCE_S = 30.0
"""How long a request waits for its turn, in seconds."""


class Lane:
    """One request at a time, in the order in which they came."""

    def __init__(self) -> None:
        self._one = CapacityLimiter(1)
        self._here: Counter[str] = Counter()

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[Callable[[], None]]:
        """Waits for a turn. It ends when the function that this gives is called, and at the latest with the context.

        Raises:
            ApplianceBusy: too many wait, or those before this one take too long.
        """
        if self._here.total() >= MOST or self._here[who] >= EACH:
            raise busy()
        mine = [object()]
        self._here[who] += 1

        def end() -> None:
            if mine:
                self._one.release_on_behalf_of(mine.pop())
                self._leave(who)

        try:
            with fail_after(PATIENCE_S):
                await self._one.acquire_on_behalf_of(mine[0])
        except TimeoutError:
            self._leave(who)
            raise busy() from None
        except BaseException:
            self._leave(who)
            raise
        try:
            yield end
        finally:
            end()

    def _leave(self, who: str) -> None:
        self._here -= Counter((who,))


class Costly:
    """Runs after the gate and the replay of stored answers: what costs nothing does not wait."""

    def __init__(self, app: ASGIApp, routes: tuple[Guarded, ...]) -> None:
        self._app, self._routes = app, routes
        self._lanes = {cost: Lane() for cost in Cost if cost is not Cost.SMALL}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = find(self._routes, scope["method"], scope["path"]) if scope["type"] == "http" else None
        cost = found[0].row.cost if found else Cost.SMALL
        if cost is Cost.SMALL:
            await self._app(scope, receive, send)
            return
        try:
            async with self._lanes[cost].turn(_person(scope)) as end:
                await self._app(scope, receive, _until_head(send, end) if cost is Cost.SECONDS else send)
        except ApplianceBusy as refused:
            answer = await held_back(Request(scope), refused)
            await answer(scope, receive, send)


def _until_head(send: Send, end: Callable[[], None]) -> Send:
    """A `send` that ends the turn when the answer begins: the next request does not wait for a slow client."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            end()
        await send(message)

    return sent


def _person(scope: Scope) -> str:
    """Who asks; without a session, from where."""
    actor: Actor = scope["state"]["actor"]
    client = HTTPConnection(scope).client
    return actor.operator_id or actor.session_id or place_of(client.host if client else "")
