"""The live stream for a browser or a network without WebSocket: server-sent events, each with the base64 of one message's bytes.

The watchers are those of the WebSocket: the same messages, the same limit for each place, and a slow one skips frames.
"""

import base64
from collections.abc import Callable
from contextlib import AbstractContextManager
from http import HTTPStatus

import structlog
from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Send

from edge.api.authorise import Foreign
from edge.api.connection import ENDLESS
from edge.api.hosts import same_site
from edge.api.live.watcher import StreamFailed, Watcher
from firmware_bridge.errors import InputRefused

EVENTS = "text/event-stream"
FORM = (
    "Until the client leaves: one event for each message of the live stream. Its data is the base64 of u32 little-endian length of the "
    "JSON, the JSON, then the JPEG of a frame, or nothing. The newest frame replaces one that the client was too slow to receive"
)

log = structlog.get_logger()


class EventsNotAccepted(InputRefused):
    """The request does not accept server-sent events: an image or a link of some page would hold a live stream open."""

    code = "events-not-accepted"
    status = HTTPStatus.NOT_ACCEPTABLE


def require_own(request: Request) -> None:
    """Raises EventsNotAccepted: it is no client of events. Raises Foreign: it comes from the page of another site."""
    if not same_site(request):
        raise Foreign("Only the appliance's own page is allowed to watch", "Use the appliance's own page", says="foreign_watch")
    if EVENTS not in request.headers.get("accept", ""):
        raise EventsNotAccepted("This address sends server-sent events only", f"Send the header Accept: {EVENTS}")


class EventStream(StreamingResponse):
    """Sends the messages of the watcher that `watch` gives, until the client leaves or the stream fails."""

    media_type = EVENTS

    def __init__(self, request: Request, watch: Callable[[], AbstractContextManager[Watcher]]) -> None:
        super().__init__(())
        request.scope["state"][ENDLESS] = True
        self._watch = watch

    async def stream_response(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        with self._watch() as watcher:
            try:
                while True:
                    await send({"type": "http.response.body", "body": event_of(await watcher.next()), "more_body": True})
            except StreamFailed:
                log.exception("live stream closed")
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def event_of(message: bytes) -> bytes:
    return b"data: " + base64.b64encode(message) + b"\n\n"
