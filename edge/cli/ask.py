"""Asking the appliance that runs on this machine, over its API."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from edge.settings import Settings
from firmware_bridge.errors import SonoEdgeError

PATIENCE_S = 60
"""A slow board takes some seconds to try a release."""
HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound
"""Who listens on every address is asked on this one."""


class Absent(SonoEdgeError):
    """No appliance runs where the settings say."""

    code = "appliance-absent"


class Refused(SonoEdgeError):
    """The appliance says why it does not do what it was asked, or cannot be understood."""

    code = "appliance-refused"


class _Problem(BaseModel):
    """Of `edge.api.problems`: what a person needs of it."""

    detail: str
    fix: str


Kind = TypeVar("Kind", bound=BaseModel)


def ask(settings: Settings, kind: type[Kind], method: str, path: str, body: Mapping[str, object] | None = None) -> Kind:
    """What the appliance answers.

    Raises:
        Absent: none runs.
        Refused: it refuses, does not answer in time, or is no appliance.
    """
    host = HERE.get(settings.host, settings.host)
    where = f"{host}:{settings.port}"
    connection = HTTPConnection(host, settings.port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
        response = connection.getresponse()
        status, content = response.status, response.read()
    except ConnectionRefusedError as error:
        raise Absent(f"No appliance answers on {where}", "Start it with sonoedge run, or name its port in the settings") from error
    except (OSError, HTTPException) as error:
        raise Refused(f"{where} does not answer ({error})", "See the appliance's log, and sonoedge doctor") from error
    finally:
        connection.close()
    try:
        if status == HTTPStatus.OK:
            return kind.model_validate_json(content)
        problem = _Problem.model_validate_json(content)
    except ValidationError as error:
        raise Refused(
            f"{where} answers ({status}), but not as this program's appliance does",
            "Name the appliance's port in the settings, or stop what listens there",
        ) from error
    raise Refused(problem.detail, problem.fix)
