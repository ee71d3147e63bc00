"""How much a request may bring: more is refused as soon as that is known, and never kept in memory."""

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.api.problems import respond

LARGEST = 1_000_000
"""Bytes of a body. The largest that is asked for is a review of every zone, with a few thousand."""

UNREAD = {"Connection": "close"}
"""With an answer before the body was read: else the server takes all of it from the line, and throws it away."""


class TooLarge(Exception):
    """More came than may."""


class BodyLimit:
    """Reads the body of each request, so that what follows has all of it at once."""

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
    said = dict(scope["headers"]).get(b"content-length", b"0")
    if said.isdigit() and int(said) > LARGEST:
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
    """Gives a body that was read to whoever comes next; after it what really comes, such as the end of the connection."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
