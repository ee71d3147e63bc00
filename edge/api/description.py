"""The OpenAPI document: how a client signs in and finds the appliance, and how each operation can fail."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from edge.api.etags import TAG
from edge.api.problems import PROBLEM
from edge.api.routes import LOOKS, Guarded
from edge.people.actor import NOBODY_ACTOR
from edge.people.permission import Permission, Verb

COOKIE = "sonoedge_session"
CSRF = "X-CSRF-Token"
SCHEMES = {
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "The cookie that POST /api/v1/sessions sets"},
    "csrf": {"type": "apiKey", "in": "header", "name": CSRF, "description": "The csrf_token of the session; send it with each change"},
}
SERVERS: list[dict[str, str | Any]] = [{"url": "/", "description": "The appliance that serves this document"}]
LICENCE: dict[str, str | Any] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
IF_MATCH = "if-match"
NULL = {"type": "null"}

Operation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation and its row of the table of routes."""

    operation: Operation
    route: Guarded

    @property
    def changes(self) -> bool:
        return self.route.method not in LOOKS

    @property
    def open(self) -> bool:
        """Whether it can be used without signing in on a claimed appliance."""
        return any(NOBODY_ACTOR.permission(verb) is not Permission.DENY for verb in self.route.row.verbs)

    @property
    def checks_pins(self) -> bool:
        return Verb.SIGN_IN in self.route.row.verbs and self.changes

    @property
    def names_record(self) -> bool:
        return "{" in self.route.path

    @property
    def names_version(self) -> bool:
        return any(parameter["name"] == IF_MATCH for parameter in self.operation.get("parameters", ()))

    @property
    def takes_input(self) -> bool:
        return "requestBody" in self.operation or bool(self.operation.get("parameters"))


def install(app: FastAPI, routes: tuple[Guarded, ...]) -> None:
    """Adds to the document of `app` what each request must send and how it can fail. Call it after every route is added."""
    made = app.openapi

    def described() -> dict[str, Any]:
        document = made()
        document.setdefault("components", {})["securitySchemes"] = SCHEMES
        for schema in document["components"].get("schemas", {}).values():
            _restore_nulls(schema)
        for route in routes:
            operation = document["paths"].get(route.path, {}).get(route.method.lower())
            if operation is not None:
                _describe(Asked(operation, route))
        return document

    app.openapi = described  # type: ignore[method-assign] # as FastAPI's own documentation extends it


def _describe(asked: Asked) -> None:
    for parameter in asked.operation.get("parameters", ()):
        if parameter["name"] == IF_MATCH:  # optional to FastAPI, so that a missing one is answered with 428
            parameter.update(required=True, schema={"type": "string", "pattern": f"^{TAG}$"})
    asked.operation["security"] = _security(asked)
    responses = asked.operation["responses"]
    responses.pop("default", None)
    responses.update({str(status.value): {"description": status.phrase, "content": PROBLEM} for status in sorted(set(_failures(asked)))})
    responses["4XX"] = {"description": "The request is refused; `detail` states why, `fix` the next step", "content": PROBLEM}
    responses["5XX"] = {"description": "The appliance cannot do it now; `fix` states the next step", "content": PROBLEM}


def _security(asked: Asked) -> list[dict[str, list[str]]]:
    signed_in: dict[str, list[str]] = {"session": [], "csrf": []} if asked.changes else {"session": []}
    if not asked.open:
        return [signed_in]
    return [{}, signed_in] if asked.changes else []


def _failures(asked: Asked) -> Iterator[HTTPStatus]:
    """The statuses with which an operation can fail, according to its input and effect."""
    if not asked.open:
        yield from (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    if asked.names_record:
        yield HTTPStatus.NOT_FOUND
    if asked.takes_input:
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    if asked.names_version:
        yield from (HTTPStatus.BAD_REQUEST, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED)
    if asked.changes:
        yield from (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.INSUFFICIENT_STORAGE)
    if asked.checks_pins:
        yield from (HTTPStatus.UNAUTHORIZED, HTTPStatus.LOCKED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    if "requestBody" in asked.operation:
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def _restore_nulls(schema: dict[str, Any]) -> None:
    """FastAPI removes every null from a document, also from the examples, which are then incomplete."""
    examples = [*schema.get("examples", ()), *([schema["example"]] if "example" in schema else [])]
    for example in examples:
        for name in schema.get("required", ()):
            if name not in example and NULL in schema["properties"][name].get("anyOf", ()):
                example[name] = None
