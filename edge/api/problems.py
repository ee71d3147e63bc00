"""Every error as application/problem+json (RFC 9457), with two more members: `fix`, the next step, and `says`, to translate both."""

import time
import traceback
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from anyio import sleep
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from edge.api.says import SaysOut, says_out
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.says import say

MEDIA_TYPE = "application/problem+json"

FIXES: Mapping[int, str] = {
    404: "See /docs for the paths of the API",
    405: "See /docs for the methods of this path",
    422: "Correct the value that the detail names",
    503: "Wait a moment, and send the request again",
}

TRACED_AGAIN_S = 60
"""A failure at the same place is logged with its traceback at most once in this many seconds, and otherwise in one line."""
FAULTS = 5
"""How many faults of a request an answer lists."""
LONGEST_PART = 80
"""Characters of one part of an answer that can come from the request, such as the name of a key."""

UNEXPECTED = say("UNEXPECTED", "The appliance failed while answering. Read its log")
"""For the page; the answer itself names the error."""

PAUSE_S = 0.5
"""How long a refusal that another try may overcome is held back: a client that tries again at once would take the processor from the
readings."""

log = structlog.get_logger()


class Problem(BaseModel):
    """RFC 9457 problem details; `type` is `about:blank` or a slug of ours. `says` is what a page translates of `detail` and `fix`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:sonoedge:record-unknown",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "There is no exam with this id",
                    "instance": "/api/v1/exams/0193f0c3-0b1e-7c44-9a2f-5d7e8f901234",
                    "fix": "See the list of exams",
                    "says": {"code": "record_unknown", "params": {}},
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
    fix: str
    says: SaysOut | None = None


PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
"""The content of an error, in the OpenAPI document."""
PROBLEM_RESPONSES: dict[int | str, dict[str, object]] = {
    "default": {"model": Problem, "content": {MEDIA_TYPE: {}}, "description": "The error, and the next step"}
}


def respond(
    request: Request, status: int, detail: str, *, fix: str = "", kind: str = "about:blank", says: SaysOut | None = None
) -> JSONResponse:
    problem = Problem(
        type=kind,
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.url.path,
        fix=fix or FIXES.get(status, "Read the appliance's log"),
        says=says,
    )
    return JSONResponse(problem.model_dump(), status, media_type=MEDIA_TYPE)


def refusal(request: Request, error: SonoEdgeError) -> JSONResponse:
    """The answer for one of our errors."""
    answer = respond(request, error.status, error.what, fix=error.fix, kind=f"urn:sonoedge:{error.code}", says=says_out(error))
    answer.headers.update({"Retry-After": str(error.again_s)} if error.again_s else {})
    return answer


async def held_back(request: Request, error: SonoEdgeError) -> JSONResponse:
    """The answer for one of our errors, after `PAUSE_S` if the client is to try again."""
    if error.again_s:
        await sleep(PAUSE_S)
    return refusal(request, error)


def install(app: FastAPI) -> None:
    """Turns every error of the application into a problem document."""

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        return respond(request, error.status_code, str(error.detail))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        places = ", ".join(dict.fromkeys(_short(str(fault["loc"][-1])) for fault in error.errors()[:FAULTS]))
        says = say("INPUT_INVALID", "A value is not valid: {places}", places=places)
        return respond(request, 422, _faults(error), says=says_out(says))

    @app.exception_handler(SonoEdgeError)
    async def ours(request: Request, error: SonoEdgeError) -> JSONResponse:
        return await held_back(request, error)

    traced: dict[str, float] = {}

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        now, place = time.monotonic(), _place(error)
        again = now - traced.get(place, -TRACED_AGAIN_S) < TRACED_AGAIN_S
        if not again:
            traced[place] = now
        log.error("request failed", path=_short(request.url.path), place=place, exc_info=None if again else error)
        return respond(request, 500, f"{type(error).__name__} while answering", says=says_out(UNEXPECTED))


def _faults(error: RequestValidationError) -> str:
    """The first faults, each with its place, and the number of the others."""
    found = error.errors()
    listed = [f"{'.'.join(_short(str(part)) for part in fault['loc'])}: {fault['msg']}" for fault in found[:FAULTS]]
    more = len(found) - FAULTS
    return "; ".join([*listed, *([f"and {more} more"] if more > 0 else [])])


def _place(error: Exception) -> str:
    """Where an error was raised, with its type."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {frames[-1].filename}:{frames[-1].lineno}" if frames else type(error).__name__


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_PART else f"{text[:LONGEST_PART]}..."
