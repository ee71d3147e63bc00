"""Asking the appliance that runs on this machine, over its API."""

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

PATIENCE_S = 60
"""A slow board takes some seconds to try a release."""
HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound
"""Who listens on every address is asked on this one."""

SIGN_IN = "Sign in: add --as BADGE, and type the right PIN"


class Absent(Unavailable):
    """No appliance runs where the settings say."""

    code = "appliance-absent"


class Refused(PeerFault):
    """The appliance says why it does not do what it was asked, or cannot be understood."""

    code = "appliance-refused"


class _Problem(BaseModel):
    """Of `edge.api.problems`: what a person needs of it."""

    detail: str
    fix: str


class _Session(BaseModel):
    """Of `edge.api.people.schema`: what a change has to carry."""

    csrf_token: str


class _Answer(NamedTuple):
    status: int
    content: bytes
    cookie: str


Kind = TypeVar("Kind", bound=BaseModel)
Headers = Mapping[str, str]
Body = Mapping[str, object]
NOBODY: Headers = {}
SESSIONS, CURRENT = "/api/v1/sessions", "/api/v1/sessions/current"


def ask(settings: Settings, kind: type[Kind], method: str, path: str, body: Body | None = None, *, badge: str = "") -> Kind:
    """What the appliance answers to somebody, whose PIN is asked for, or to nobody in particular.

    Raises:
        Absent: none runs.
        Refused: it refuses, does not answer in time, or is no appliance.
    """
    with _signed_in(settings, badge) as headers:
        return _understood(settings, kind, _send(settings, method, path, body, headers))


@contextmanager
def _signed_in(settings: Settings, badge: str) -> Iterator[Headers]:
    """The headers of somebody who is signed in for one command."""
    if not badge:
        yield NOBODY
        return
    _send(settings, "GET", CURRENT, None, NOBODY)  # nobody types a PIN for an appliance that is not there
    answer = _send(settings, "POST", SESSIONS, {"name": badge, "pin": ask_pin(f"PIN of {badge}")}, NOBODY)
    session = _understood(settings, _Session, answer)
    headers = {"Cookie": answer.cookie.partition(";")[0], "X-CSRF-Token": session.csrf_token}
    try:
        yield headers
    finally:
        _send(settings, "DELETE", CURRENT, None, headers)


def _send(settings: Settings, method: str, path: str, body: Body | None, headers: Headers) -> _Answer:
    connection = HTTPConnection(_host(settings), settings.port, timeout=PATIENCE_S)
    try:
        content = json.dumps(body) if body is not None else None
        connection.request(method, path, content, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        return _Answer(response.status, response.read(), response.getheader("Set-Cookie", ""))
    except ConnectionRefusedError as error:
        raise Absent(
            f"No appliance answers on {_where(settings)}", "Start it with sonoedge run, or name its port in the settings"
        ) from error
    except (OSError, HTTPException) as error:
        raise Refused(f"{_where(settings)} does not answer ({error})", "See the appliance's log, and sonoedge doctor") from error
    finally:
        connection.close()


def _understood(settings: Settings, kind: type[Kind], answer: _Answer) -> Kind:
    try:
        if answer.status in (HTTPStatus.OK, HTTPStatus.CREATED):
            return kind.model_validate_json(answer.content)
        problem = _Problem.model_validate_json(answer.content)
    except ValidationError as error:
        raise Refused(
            f"{_where(settings)} answers ({answer.status}), but not as this program's appliance does",
            "Name the appliance's port in the settings, or stop what listens there",
        ) from error
    raise Refused(problem.detail, SIGN_IN if answer.status == HTTPStatus.UNAUTHORIZED else problem.fix)


def _host(settings: Settings) -> str:
    return HERE.get(settings.host, settings.host)


def _where(settings: Settings) -> str:
    return f"{_host(settings)}:{settings.port}"
