"""The card of the person who is signed in, and the learning curves of a named person for a supervisor. There is no list of cards."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.feedback.people.figures import Card, Curve, Group
from edge.notice import NOTICE

FIGURE: JsonDict = {"value": 0.2, "low": 0.09, "high": 0.38, "cases": 30, "patients": 22}
MISSED: JsonDict = {"hits": 6, "of": 30, "share": FIGURE}
COMPARED: JsonDict = {"finding": "b_lines", "missed": MISSED, "overcalled": MISSED, "agreement": MISSED, "kappa": FIGURE}
CURVE: JsonDict = {
    "protocol": "blue-6",
    "finding": "b_lines",
    "trials": 2,
    "failed": 1,
    "untold": 3,
    "exams": 1,
    "acceptable": 0.1,
    "unacceptable": 0.2,
    "learned_limit": 5.3,
    "lost_limit": 5.6,
    "learned_at": {"trial": 2, "exam": 1},
    "lost_at": [],
    "first": 1,
    "points": [
        {"on": "2026-11-02", "exam": 1, "zone": "L1", "failed": False, "score": 0.118},
        {"on": "2026-11-02", "exam": 1, "zone": "L2", "failed": True, "score": 0.0},
    ],
}
SIDE: JsonDict = {
    "exams": 2,
    "unnamed": 0,
    "chosen": 3,
    "together": COMPARED,
    "findings": [COMPARED],
    "scored": 12,
    "scores": {"why": "few", "count": 0},
    "curves": [CURVE],
}
BAND: JsonDict = {"low": 4.0, "median": 6.5, "high": 9.0}
CARD: JsonDict = {
    "person": "01a22f9b-7afb-7a5c-bde9-c23e16f8c889",
    "operator": SIDE,
    "reader": SIDE,
    "trust": {"accepted": MISSED, "accepted_wrong": MISSED, "rejected_right": MISSED},
    "paces": [
        {
            "protocol": "blue-6",
            "exams": 14,
            "untimed": 1,
            "minutes": BAND,
            "quality": BAND,
            "site_minutes": BAND,
            "site_quality": BAND,
        }
    ],
}


class CardOut(BaseModel):
    """Computed `at` of what was recorded before `until`; `day` is the last day that counts, by the date of the appliance.

    They are null where no card is computed yet. `running`: that happens now.

    A figure is a `value` with its 95 % interval, or the code `why` there is none. `group` is of all readers, null for fewer than `least`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "at": "2026-11-30T00:01:00+00:00",
                    "until": "2026-11-30T00:00:00+00:00",
                    "day": "2026-11-29",
                    "least": 5,
                    "card": CARD,
                    "group": None,
                    "running": False,
                    "failed": False,
                    "notice": NOTICE,
                }
            ]
        }
    )

    at: str | None = None
    until: str | None = None
    day: str | None = None
    least: int | None = None
    card: Card | None = None
    group: Group | None = None
    running: bool
    failed: bool
    notice: str = NOTICE


class CurvesOut(BaseModel):
    """Of one operator, under the protocols that you are allowed to over-read; empty where no exam was over-read."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"operator": [CURVE], "reader": [], "notice": NOTICE}]})

    operator: tuple[Curve, ...]
    reader: tuple[Curve, ...]
    notice: str = NOTICE


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/cards/mine", summary="Your own card: how your answers compare with those of over-readers, until yesterday")
    def mine(who: Who) -> CardOut:
        work, found = view.cards.work(who), view.cards.mine(who)
        if found is None:
            return CardOut(running=work.running, failed=work.failed)
        return CardOut(
            at=found.at.isoformat(),
            until=found.until.isoformat(),
            day=found.day.isoformat(),
            least=found.least,
            card=found.card,
            group=found.group,
            running=work.running,
            failed=work.failed,
        )

    @routes.get("/operators/{operator}/curves", summary="The learning curves of an operator, for a supervisor")
    def curves(operator: str, who: Who) -> CurvesOut:
        found = view.cards.curves(who, operator)
        return CurvesOut(operator=found.operator, reader=found.reader)
