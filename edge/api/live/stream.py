"""The routes of the live stream: one WebSocket for each watcher, or server-sent events where there is none (`edge.api.live.events`).

Messages are built elsewhere and only sent here; a slow watcher skips frames.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from starlette.requests import HTTPConnection

from edge.api.hosts import same_site
from edge.api.live.broadcast import Broadcast
from edge.api.live.events import EVENTS, FORM, EventStream, require_own
from edge.api.live.seats import ManyStreams, Seats
from edge.api.live.watcher import Watcher
from edge.api.view import ApplianceView

CLOSE_FOREIGN = 1008
CLOSE_MANY = 1013
CLOSE_FAILED = 1011
FAILED = "The live stream failed. The log of the appliance states why. Connect again."

log = structlog.get_logger()


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    broadcast, seats = Broadcast(view), Seats()

    @contextmanager
    def watch(client: HTTPConnection) -> Iterator[Watcher]:
        with seats.take(client), broadcast.watch() as watcher:
            yield watcher

    @routes.websocket("/live")
    async def live(socket: WebSocket) -> None:
        if not same_site(socket):
            await socket.close(CLOSE_FOREIGN, "Only the appliance's own page is allowed to watch")
            return
        await socket.accept()
        try:
            seats.require(socket)
        except ManyStreams as refused:
            await socket.close(CLOSE_MANY, str(refused))
            return
        with watch(socket) as watcher:
            await _serve(socket, watcher)

    @routes.get(
        "/live/events",
        summary="The live stream as server-sent events, where there is no WebSocket",
        response_class=StreamingResponse,
        responses={200: {"content": {EVENTS: {"schema": {"type": "string"}}}, "description": FORM}},
    )
    async def events(request: Request) -> EventStream:
        require_own(request)
        seats.require(request)
        return EventStream(request, lambda: watch(request))


async def _serve(socket: WebSocket, watcher: Watcher) -> None:
    """Returns when the watcher left. A failure is logged and closes the socket, so that the watcher connects again."""
    sending, leaving = asyncio.create_task(_send(socket, watcher)), asyncio.create_task(_until_left(socket))
    try:
        done, _ = await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sending.cancel()
        leaving.cancel()
        await asyncio.wait({sending, leaving})
    failure = None if sending.cancelled() else sending.exception()
    if leaving in done or isinstance(failure, WebSocketDisconnect):
        return
    log.error("live stream closed", place=str(socket.client), exc_info=failure)
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(CLOSE_FAILED, FAILED)


async def _send(socket: WebSocket, watcher: Watcher) -> None:
    while True:
        await socket.send_bytes(await watcher.next())


async def _until_left(socket: WebSocket) -> None:
    """Ignores what a watcher sends."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
