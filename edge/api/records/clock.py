"""Correction of a wrong clock: records made meanwhile keep their times, and the machine's clock is used again."""

from datetime import datetime
from typing import Protocol

from fastapi import APIRouter
from pydantic import BaseModel

from edge.api.who import Who
from edge.services.audit import AuditService


class ClockView(Protocol):
    """The parts of the appliance that this route uses."""

    @property
    def audit(self) -> AuditService: ...


class ClockOut(BaseModel):
    """`latest` is the time of the last record before the correction, `now` is the time of the correction, audit entry `entry`."""

    latest: datetime
    now: datetime
    entry: int


def add_routes(routes: APIRouter, view: ClockView) -> None:
    @routes.post("/clock/correct", summary="Use the machine's clock again, although later times were recorded while it was wrong")
    def correct(who: Who) -> ClockOut:
        done = view.audit.correct_clock(who)
        return ClockOut(latest=done.latest, now=done.now, entry=done.entry.seq)
