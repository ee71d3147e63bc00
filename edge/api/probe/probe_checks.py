"""Checks of the probe: run one with the current frames, and list all earlier ones."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from edge.api.who import Who
from edge.notice import NOTICE
from edge.pipeline.source_state import SourceState, SourceStatus
from edge.probe.check import ELEMENTS, FEWEST_ELEMENTS, MOST_ELEMENTS
from edge.probe.pool import Held
from edge.probe.record import Asked
from edge.probe.verdict import rules
from edge.records.probe_checks import History, ProbeCheck
from edge.services.probe_check import ProbeCheckService
from firmware_bridge.errors import ProbeSilent

SHOWN = 400
"""The largest number of checks in an answer: more than a year of daily checks."""


class ProbeChecksView(Protocol):
    """The parts of the appliance that these routes use."""

    @property
    def probe_checks(self) -> ProbeCheckService: ...

    def source_status(self) -> SourceStatus: ...


class AskedIn(BaseModel):
    """How to check. `held` null: detect from the frames whether the probe is in air or on the skin."""

    model_config = ConfigDict(extra="forbid")

    held: Held | None = None
    elements: int = Field(ELEMENTS, ge=FEWEST_ELEMENTS, le=MOST_ELEMENTS)
    new_baseline: bool = False


class ProbeChecksOut(BaseModel):
    """The checks of a probe, oldest first. `damaged` lists the lines of its file that cannot be read, counted from 1.

    With a loss of `loss_watch` grey levels or more, the verdict is watch; with `loss_stop` or more, it is do not use.
    """

    serial_number: str
    checks: list[ProbeCheck]
    damaged: list[int]
    loss_watch: float
    loss_stop: float
    notice: str = NOTICE


def add_routes(routes: APIRouter, view: ProbeChecksView) -> None:
    @routes.get(
        "/probe/checks",
        summary="All checks of the current probe, or of another one by its serial number",
        response_model_exclude={"checks": {"__all__": {"picture"}}},
    )
    def checks(who: Who, serial_number: str | None = None, limit: Annotated[int, Query(ge=1, le=SHOWN)] = SHOWN) -> ProbeChecksOut:
        info = view.source_status().info
        wanted = serial_number if serial_number is not None else info.serial_number if info else None
        known = History() if wanted is None else view.probe_checks.history(who, wanted)
        loss = next(rule for rule in rules() if rule.figure == "loss")
        return ProbeChecksOut(
            serial_number=wanted or "",
            checks=list(known.checks[-limit:]),
            damaged=list(known.damaged),
            loss_watch=loss.watch,
            loss_stop=loss.stop,
        )

    @routes.post(
        "/probe/checks",
        status_code=201,
        summary="Check the probe with the current frames; the answer takes some seconds",
        response_model_exclude={"picture"},
    )
    def check(asked: AskedIn, who: Who) -> ProbeCheck:
        status = view.source_status()
        if status.info is None or status.state is not SourceState.STREAMING:
            raise ProbeSilent("no probe sends frames now", "Plug in the probe, then check it")
        return view.probe_checks.run(who, Asked(asked.held, asked.elements, asked.new_baseline), status.info)
