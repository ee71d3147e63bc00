"""The live stream: a WebSocket a watcher, each with its own latest frame; a slow one skips and is told how many."""

import asyncio
from urllib.parse import urlsplit

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from edge.api.live.message import frame_message, jpeg_of, pack, status_message
from edge.api.view import ApplianceView
from edge.pipeline.hub import Subscription
from edge.pipeline.observation import Observation

SILENCE_S = 0.5
"""Without a new frame for so long the watcher is sent the source's state alone, so that no old image is taken for a live one."""

CLOSE_FOREIGN = 1008


class JpegCache:
    """The newest frame's JPEG: encoded once, in a worker thread, however many watch."""

    def __init__(self, quality: int) -> None:
        self._quality = quality
        self._lock = asyncio.Lock()
        self._of: Observation | None = None
        self._jpeg = b""

    async def jpeg(self, observation: Observation) -> bytes:
        async with self._lock:
            if self._of is not observation:
                self._jpeg = await run_in_threadpool(jpeg_of, observation, self._quality)
                self._of = observation
            return self._jpeg


def router(view: ApplianceView) -> APIRouter:
    routes = APIRouter()
    cache = JpegCache(view.settings.jpeg_quality)

    @routes.websocket("/live")
    async def live(socket: WebSocket) -> None:
        if not _same_origin(socket):
            await socket.close(CLOSE_FOREIGN, "only this appliance's own page may watch")
            return
        await socket.accept()
        with view.hub.subscribe() as subscription:
            sending = asyncio.create_task(_send(view, socket, subscription, cache))
            try:
                await _until_left(socket)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    return routes


async def _send(view: ApplianceView, socket: WebSocket, subscription: Subscription, cache: JpegCache) -> None:
    await socket.send_bytes(pack(status_message(view)))
    while True:
        try:
            observation = await asyncio.wait_for(subscription.next(), SILENCE_S)
        except asyncio.TimeoutError:
            await socket.send_bytes(pack(status_message(view)))
            continue
        message = frame_message(view, observation, subscription.skipped)
        await socket.send_bytes(pack(message, await cache.jpeg(observation)))


async def _until_left(socket: WebSocket) -> None:
    try:
        while True:
            await socket.receive_bytes()
    except (WebSocketDisconnect, KeyError, RuntimeError):
        return


def _same_origin(socket: WebSocket) -> bool:
    """A page of another site must not watch a patient through the browser; a program, which sends no Origin, may."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")
