"""The newest lines of the log. The page asks again and again, so a request does not extend the session."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from edge.api.who import Who
from edge.services.log import LOG


class LogLineOut(BaseModel):
    """Line `number` since the start, from the program or library `source`."""

    number: int
    at: datetime
    level: str
    source: str
    text: str


def add_routes(routes: APIRouter, _: object) -> None:
    @routes.get("/log", summary="The newest lines of the log, the oldest first")
    def log(
        who: Who,
        level: Annotated[Literal["debug", "info", "warning", "error"], Query(description="The lowest level")] = "info",
        after: Annotated[int, Query(ge=0, description="The number of the last line that you know")] = 0,
    ) -> list[LogLineOut]:
        return [LogLineOut.model_validate(line, from_attributes=True) for line in LOG.lines(who, level, after)]
