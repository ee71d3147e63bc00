"""The size limit of a request body: a larger body is refused as soon as its size is known, and never held in memory."""

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.api.problems import respond

LARGEST = 1_000_000
"""Bytes of a body. The largest valid body is a review of every zone, with a few thousand bytes."""

UNREAD = {"Connection": "close"}
"""Sent with an answer before the body is read; otherwise the server receives the whole body and discards it."""


class TooLarge(Exception):
    """The body is larger than `LARGEST`."""


class BodyLimit:
    """Reads the whole body of each request before the next layer runs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await _body(scope, receive)
        except TooLarge:
            fix = f"Send at most {LARGEST} bytes"
            refusal = respond(Request(scope), 413, f"The body has more than {LARGEST} bytes", fix=fix)
            refusal.headers.update(UNREAD)
            await refusal(scope, receive, send)
            return
        await self._app(scope, replayed(body, receive), send)


async def _body(scope: Scope, receive: Receive) -> bytes:
    stated = dict(scope["headers"]).get(b"content-length", b"0")
    if stated.isdigit() and int(stated) > LARGEST:
        raise TooLarge
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > LARGEST:
            raise TooLarge
        if not message.get("more_body", False):
            return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that first returns the body that was read, then the further messages, such as the end of the connection."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
