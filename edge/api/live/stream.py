"""The live stream's route: one WebSocket for each watcher. Messages are built elsewhere and only sent here; a slow watcher skips frames."""

import asyncio
from collections import Counter
from contextlib import suppress

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from edge.api.hosts import same_site
from edge.api.live.broadcast import Broadcast
from edge.api.live.watcher import Watcher
from edge.api.view import ApplianceView
from edge.people.place import place_of

CLOSE_FOREIGN = 1008
CLOSE_MANY = 1013
MOST_WATCHERS = 16
"""Live streams of one place: each costs its own copy of every image."""
CLOSE_FAILED = 1011
FAILED = "The live stream failed. The log of the appliance states why. Connect again."

log = structlog.get_logger()


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    broadcast = Broadcast(view)
    watching = Counter[str]()

    @routes.websocket("/live")
    async def live(socket: WebSocket) -> None:
        if not same_site(socket):
            await socket.close(CLOSE_FOREIGN, "Only the appliance's own page is allowed to watch")
            return
        await socket.accept()
        place = place_of(socket.client.host if socket.client else "")
        if watching[place] >= MOST_WATCHERS:
            await socket.close(CLOSE_MANY, f"{MOST_WATCHERS} live streams are open from here. Close a page, and open this one again.")
            return
        watching[place] += 1
        try:
            with broadcast.watch() as watcher:
                await _serve(socket, watcher)
        finally:
            watching.subtract((place,))


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
