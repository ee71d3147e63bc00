"""Idempotency: a client whose answer was lost sends the same request with the same key and gets the same answer. Nothing is done twice."""

import hashlib
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.api.limits import replayed
from edge.api.problems import refusal
from edge.api.routes import Guarded, find
from edge.people.actor import Actor
from edge.records.answers import BEGUN, Answers, StoredAnswer
from edge.records.store import Store
from firmware_bridge.errors import Conflict, InputRefused, SonoEdgeError

HEADER = b"idempotency-key"
KEYS = re.compile(rb"[\x21-\x7e]{1,100}")
REPLAYED = "Idempotent-Replayed"


class KeyUnreadable(InputRefused):
    """The idempotency key is not valid."""

    code = "key-unreadable"
    status = HTTPStatus.BAD_REQUEST


class KeyOfAnother(InputRefused):
    """The key was already used with another request."""

    code = "key-of-another"


class KeyBusy(Conflict):
    """The same request is running now, or its result was never stored."""

    code = "key-busy"


@dataclass(slots=True)
class _Recorder:
    """Collects the answer of the application."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    def add(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    @property
    def answer(self) -> StoredAnswer:
        return StoredAnswer(self.status, self.body.decode(), self.headers.get(b"etag", b"").decode())


class Stores(Protocol):
    """The part of the appliance that holds the answers."""

    @property
    def store(self) -> Store: ...


class Idempotency:
    """Runs after the gate and the body limit. Answers with a token are never stored. Refusals are not stored either: nothing was done."""

    def __init__(self, app: ASGIApp, view: Stores, routes: tuple[Guarded, ...]) -> None:
        self._app, self._view, self._routes = app, view, routes
        self._running: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = dict(scope["headers"]).get(HEADER) if scope["type"] == "http" and scope["method"] == "POST" else None
        route = find(self._routes, "POST", scope["path"]) if key is not None else None
        if key is None or route is None or route[0].row.secret:
            await self._app(scope, receive, send)
            return
        try:
            if not KEYS.fullmatch(key):
                raise KeyUnreadable(
                    "The Idempotency-Key is not 1 to 100 printable ASCII characters", "Send a new random key, such as a UUID"
                )
            await self._once(key.decode(), scope, receive, send)
        except SonoEdgeError as error:
            await refusal(Request(scope), error)(scope, receive, send)

    def _answers(self) -> Answers:
        return Answers(self._view.store)

    async def _once(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        who = _name(scope["state"]["actor"])
        if (who, key) in self._running:
            fix = "Wait for its answer, or send it again in a moment"
            raise KeyBusy("The same request is running now", fix, says="request_runs")
        self._running.add((who, key))
        try:
            body = (await receive()).get("body", b"")
            known = await run_in_threadpool(self._known, who, key, self._digest(scope, body))
            if known is not None:
                await _again(known)(scope, receive, send)
            else:
                await self._first(who, key, scope, replayed(body, receive), send)
        finally:
            self._running.discard((who, key))

    def _known(self, who: str, key: str, digest: str) -> StoredAnswer | None:
        try:
            known = self._answers().begin(who, key, digest)
        except KeyError:
            raise KeyOfAnother("This Idempotency-Key was used with another request", "Send a new key with each new request") from None
        if known is not None and known.status == BEGUN:
            fix = "Check whether it was done; if not, send it with a new key"
            raise KeyBusy("The result of this request was never stored", fix, says="request_unsure")
        return known

    def _digest(self, scope: Scope, body: bytes) -> str:
        """Made with the appliance's own key, so that a PIN in a request cannot be guessed from its digest."""
        asked = b"\n".join((scope["path"].encode(), scope["query_string"], hashlib.sha256(body).digest()))
        return hashlib.sha256(self._view.store.seal.sign(hashlib.sha256(asked).hexdigest()).encode()).hexdigest()

    async def _first(self, who: str, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        recorder, waiting = _Recorder(), list[Message]()

        async def record(message: Message) -> None:
            recorder.add(message)
            waiting.append(message)

        try:
            await self._app(scope, receive, record)
        finally:  # durable before visible: the answer is stored before it is sent
            done = 200 <= recorder.status < 300
            await run_in_threadpool(*((self._answers().give, who, key, recorder.answer) if done else (self._answers().forget, who, key)))
        for message in waiting:
            await send(message)


def _name(actor: Actor) -> str:
    return actor.operator_id or actor.session_id or actor.kind


def _again(answer: StoredAnswer) -> Response:
    headers = {REPLAYED: "true", **({"ETag": answer.etag} if answer.etag else {})}
    return Response(answer.body, answer.status, headers, "application/json")
