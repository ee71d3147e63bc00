"""How well the model does in the exams of this site, with the date of the figures. They are computed in the background."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.feedback.performance.figures import Group, Performance
from edge.notice import NOTICE
from edge.people.actor import Actor

FIGURE: JsonDict = {"value": 0.91, "low": 0.86, "high": 0.94, "cases": 240, "patients": 130}
COUNTS: JsonDict = {"true_present": 109, "false_present": 12, "false_absent": 11, "true_absent": 108, "unanswered": 20}
SHARES: JsonDict = {"counts": COUNTS, "sensitivity": FIGURE, "specificity": FIGURE, "answered": FIGURE}


class FiguresOut(BaseModel):
    """`at` states when they were computed; a count below `least` is null. An outcome counts if its reference has at least this `level`.

    A figure is a `value` with its 95 % interval, or the code `why` there is none.
    """

    at: str
    least: int
    level: int
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, found: Performance) -> "FiguresOut":
        return cls(at=found.at.isoformat(), least=found.least, level=found.level, groups=found.groups)


class PerformanceOut(BaseModel):
    """`figures` is null where none are computed yet. `running`: they are computed now, with `done` exams read `of` all.

    `failed`: the last attempt ended early.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "figures": {
                        "at": "2026-11-30T22:00:00+00:00",
                        "least": 5,
                        "level": 2,
                        "groups": [
                            {
                                "protocol": "blue-6",
                                "exams": 140,
                                "left": {"unnamed": None},
                                "judged": [
                                    {
                                        "kind": "zone",
                                        "finding": "b_lines",
                                        "condition": "",
                                        "shares": SHARES,
                                        "scores": {
                                            "auc": FIGURE,
                                            "brier": FIGURE,
                                            "ece": FIGURE,
                                            "reliability": [{"probability": 0.1, "share": FIGURE}],
                                        },
                                        "strata": {"zone": [{"value": "L1", "shares": SHARES}]},
                                    }
                                ],
                            }
                        ],
                    },
                    "running": False,
                    "done": 0,
                    "of": 0,
                    "failed": False,
                    "notice": NOTICE,
                }
            ]
        }
    )

    figures: FiguresOut | None
    running: bool
    done: int
    of: int
    failed: bool
    notice: str = NOTICE


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/performance", summary="How well the model does in the exams of this site, with the date of the figures")
    def figures(who: Who) -> PerformanceOut:
        return _out(view, who)

    @routes.post("/performance", status_code=202, summary="Compute the figures again, in the background")
    def compute(who: Who) -> PerformanceOut:
        view.performance.compute(who)
        return _out(view, who)


def _out(view: ApplianceView, who: Actor) -> PerformanceOut:
    work, found = view.performance.work(who), view.performance.figures(who)
    figures = None if found is None else FiguresOut.of(found)
    return PerformanceOut(figures=figures, running=work.running, done=work.done, of=work.of, failed=work.failed)
