"""Requests to the appliance that runs on this machine, over its API."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from edge.cli.pin import ask_pin
from edge.settings import Settings
from firmware_bridge.errors import PeerFault, Unavailable

TIMEOUT_S = 60
"""A slow board needs some seconds to test a release."""
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound
"""A server that listens on every address is reached at this address."""

SIGN_IN = "Sign in: add --as BADGE, and type the right PIN"


class Absent(Unavailable):
    """No appliance runs at the address in the settings."""

    code = "appliance-absent"


class Refused(PeerFault):
    """The appliance refuses the request and states why, or its answer cannot be read."""

    code = "appliance-refused"


class _Problem(BaseModel):
    """The fields of `edge.api.problems.Problem` that a person needs."""

    detail: str
    fix: str


class _Session(BaseModel):
    """The field of `edge.api.people.schema.SessionOut` that each change must send."""

    csrf_token: str


class _Answer(NamedTuple):
    status: int
    content: bytes
    cookie: str


Kind = TypeVar("Kind", bound=BaseModel)
Headers = Mapping[str, str]
Body = Mapping[str, object]
NO_HEADERS: Headers = {}
SESSIONS, CURRENT = "/api/v1/sessions", "/api/v1/sessions/current"


def ask(settings: Settings, kind: type[Kind], method: str, path: str, body: Body | None = None, *, badge: str = "") -> Kind:
    """Sends one request and returns the answer. With a badge it asks for the PIN and signs in for this request only.

    Raises:
        Absent: no appliance runs.
        Refused: the appliance refuses or does not answer in time, or another program answers.
    """
    with _signed_in(settings, badge) as headers:
        return _parsed(settings, kind, _send(settings, method, path, body, headers))


@contextmanager
def _signed_in(settings: Settings, badge: str) -> Iterator[Headers]:
    """The headers of a session that lasts for one command; no headers without a badge."""
    if not badge:
        yield NO_HEADERS
        return
    _send(settings, "GET", CURRENT, None, NO_HEADERS)  # fails before the PIN prompt if no appliance runs
    answer = _send(settings, "POST", SESSIONS, {"name": badge, "pin": ask_pin(f"PIN of {badge}")}, NO_HEADERS)
    session = _parsed(settings, _Session, answer)
    headers = {"Cookie": answer.cookie.partition(";")[0], "X-CSRF-Token": session.csrf_token}
    try:
        yield headers
    finally:
        _send(settings, "DELETE", CURRENT, None, headers)


def _send(settings: Settings, method: str, path: str, body: Body | None, headers: Headers) -> _Answer:
    connection = HTTPConnection(_host(settings), settings.port, timeout=TIMEOUT_S)
    try:
        content = json.dumps(body) if body is not None else None
        connection.request(method, path, content, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        return _Answer(response.status, response.read(), response.getheader("Set-Cookie", ""))
    except ConnectionRefusedError as error:
        raise Absent(
            f"No appliance answers at {_where(settings)}", "Start it with sonoedge run, or set its port in the settings"
        ) from error
    except (OSError, HTTPException) as error:
        raise Refused(f"{_where(settings)} does not answer ({error})", "Read the appliance's log, and run sonoedge doctor") from error
    finally:
        connection.close()


def _parsed(settings: Settings, kind: type[Kind], answer: _Answer) -> Kind:
    try:
        if answer.status in (HTTPStatus.OK, HTTPStatus.CREATED):
            return kind.model_validate_json(answer.content)
        problem = _Problem.model_validate_json(answer.content)
    except ValidationError as error:
        raise Refused(
            f"{_where(settings)} answers ({answer.status}), but it is not an appliance of this version",
            "Set the appliance's port in the settings, or stop the program that uses this port",
        ) from error
    raise Refused(problem.detail, SIGN_IN if answer.status == HTTPStatus.UNAUTHORIZED else problem.fix)


def _host(settings: Settings) -> str:
    return LOOPBACK.get(settings.host, settings.host)


def _where(settings: Settings) -> str:
    return f"{_host(settings)}:{settings.port}"
