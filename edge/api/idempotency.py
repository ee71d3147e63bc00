"""Where an answer was lost on the way, the same request with the same key is answered once more, and nothing is done twice."""

import hashlib
import re
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.api.limits import replayed
from edge.api.problems import refusal
from edge.api.routes import Guarded, find
from edge.people.actor import Actor
from edge.records.answers import BEGUN, Answers, StoredAnswer
from edge.records.audit.seal import Seal
from firmware_bridge.errors import Conflict, InputRefused, SonoEdgeError

HEADER = b"idempotency-key"
KEYS = re.compile(rb"[\x21-\x7e]{1,100}")
REPLAYED = "Idempotent-Replayed"


class KeyUnreadable(InputRefused):
    """The idempotency key is none."""

    code = "key-unreadable"
    status = HTTPStatus.BAD_REQUEST


class KeyOfAnother(InputRefused):
    """The key was given with another request."""

    code = "key-of-another"


class KeyBusy(Conflict):
    """The same request is being answered now, or how it ended was never written."""

    code = "key-busy"


@dataclass(slots=True)
class _Heard:
    """What the application answers, while it goes out."""

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


class Idempotency:
    """Stands behind the gate and the limit of bodies. Answers that hold a token are never kept, and refusals are not: nothing was done."""

    def __init__(self, app: ASGIApp, answers: Answers, seal: Seal, routes: tuple[Guarded, ...]) -> None:
        self._app, self._answers, self._seal, self._routes = app, answers, seal, routes
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
                    "The Idempotency-Key has other than 1 to 100 printed characters", "Send a new random one, such as a UUID"
                )
            await self._once(key.decode(), scope, receive, send)
        except SonoEdgeError as error:
            await refusal(Request(scope), error)(scope, receive, send)

    async def _once(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        who = _name(scope["state"]["actor"])
        if (who, key) in self._running:
            raise KeyBusy("The same request is being answered", "Wait for its answer, or ask again in a moment")
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
            known = self._answers.begin(who, key, digest)
        except KeyError:
            raise KeyOfAnother("This Idempotency-Key was given with another request", "Send a new one with each new request") from None
        if known is not None and known.status == BEGUN:
            raise KeyBusy("How this request ended was never written", "See whether it was done; if not, ask with a new Idempotency-Key")
        return known

    def _digest(self, scope: Scope, body: bytes) -> str:
        """Made with the appliance's own key, so that nobody can try which PIN a request held."""
        asked = b"\n".join((scope["path"].encode(), scope["query_string"], hashlib.sha256(body).digest()))
        return hashlib.sha256(self._seal.sign(hashlib.sha256(asked).hexdigest()).encode()).hexdigest()

    async def _first(self, who: str, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        heard, waiting = _Heard(), list[Message]()

        async def hear(message: Message) -> None:
            heard.add(message)
            waiting.append(message)

        try:
            await self._app(scope, receive, hear)
        finally:  # durable before visible: the answer is kept before it is given
            done = 200 <= heard.status < 300
            await run_in_threadpool(*((self._answers.give, who, key, heard.answer) if done else (self._answers.forget, who, key)))
        for message in waiting:
            await send(message)


def _name(actor: Actor) -> str:
    return actor.operator_id or actor.session_id or actor.kind


def _again(answer: StoredAnswer) -> Response:
    headers = {REPLAYED: "true", **({"ETag": answer.etag} if answer.etag else {})}
    return Response(answer.body, answer.status, headers, "application/json")
