"""The clock, where it was wrong: what was recorded meanwhile keeps its times, and the machine's clock counts again."""

from datetime import datetime
from typing import Protocol

from fastapi import APIRouter
from pydantic import BaseModel

from edge.api.who import Who
from edge.services.audit import AuditService


class ClockView(Protocol):
    """What this route needs to know of the appliance."""

    @property
    def audit(self) -> AuditService: ...


class ClockOut(BaseModel):
    """`latest` is the time of what was recorded last before, `now` that of the correction, which is audit entry `entry`."""

    latest: datetime
    now: datetime
    entry: int


def router(view: ClockView) -> APIRouter:
    routes = APIRouter()

    @routes.post("/clock/correct", summary="Go by the machine's clock again, although something later was recorded while it was wrong")
    def correct(who: Who) -> ClockOut:
        done = view.audit.correct_clock(who)
        return ClockOut(latest=done.latest, now=done.now, entry=done.entry.seq)

    return routes
