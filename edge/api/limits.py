"""The limits of a request body: a larger body is refused, and never held in memory; a very large one as soon as its size is known.

Each value of a body that is not valid costs an error object of about a kilobyte, so the number of values is limited too.
"""

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.api.problems import respond
from edge.people.actor import Actor

LARGEST = 1_000_000
"""Bytes of a body. The largest valid body is a review of every zone, with a few thousand bytes."""
READ = 4 * LARGEST
"""Bytes of a refused body that are read and dropped: a client that still sends does not receive the answer."""
LARGEST_UNSIGNED = 16_384
"""Bytes of a body of a request without a session. The largest valid one is the reason for a scan in an emergency."""
MOST_VALUES = 5_000
"""Values of a body: members of objects and items of lists, at every depth."""
SEPARATORS = (b",", b":", b"[", b"{")
"""Each value of a JSON text follows one of them. Text can contain them too; no valid text contains thousands."""

UNREAD = {"Connection": "close"}
"""Sent with an answer before the body is read; otherwise the server receives the whole body and discards it."""


class TooLarge(Exception):
    """The body is larger than permitted; the text states the limit."""


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
        except TooLarge as limit:
            refusal = respond(Request(scope), 413, f"The body has more than {limit}", fix=f"Send at most {limit}")
            refusal.headers.update(UNREAD)
            await refusal(scope, receive, send)
            return
        await self._app(scope, replayed(body, receive), send)


async def _body(scope: Scope, receive: Receive) -> bytes:
    stated, largest = dict(scope["headers"]).get(b"content-length", b"0"), _largest(scope)
    if stated.isdigit() and int(stated) > READ:
        raise TooLarge(f"{largest} bytes")
    body, size, more = bytearray(), 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        if size > READ:
            raise TooLarge(f"{largest} bytes")
        if size <= largest:
            body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)
    if size > largest:
        raise TooLarge(f"{largest} bytes")
    if sum(map(body.count, SEPARATORS)) > MOST_VALUES:
        raise TooLarge(f"{MOST_VALUES} values")
    return bytes(body)


def _largest(scope: Scope) -> int:
    """The gate has set the actor of every request."""
    actor: Actor = scope["state"]["actor"]
    return LARGEST_UNSIGNED if actor.session_id is None else LARGEST


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
