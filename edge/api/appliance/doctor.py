"""The doctor: what works on this machine, what does not, and what to do, as far as a check disturbs no exam."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.notice import NOTICE


class CheckOut(BaseModel):
    """The answer to one question; `fix` is the next step, empty if there is nothing to do."""

    name: str
    verdict: Literal["ok", "attention", "failed", "not checked"]
    detail: str
    fix: str


class DoctorOut(BaseModel):
    """`works`: no check has failed. `sonoedge doctor --json` states the same, and also makes the checks that are `not checked` here."""

    works: bool
    checks: list[CheckOut]
    notice: str = NOTICE


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/doctor", summary="What works on this machine, what does not, and what to do")
    def doctor(who: Who) -> DoctorOut:
        checks = [CheckOut.model_validate(each, from_attributes=True) for each in view.examine(who)]
        return DoctorOut(works=all(each.verdict != "failed" for each in checks), checks=checks)
