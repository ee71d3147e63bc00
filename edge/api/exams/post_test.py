"""Post-test probability with the findings of an exam: the published signs, and what one of them changes. Nothing is stored."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

from edge.api.exams.exams import RecordId
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.exam.likelihood.published import Published, Ratio
from edge.exam.verdict import Verdict
from edge.inference.shown import percent
from edge.notice import NOTICE
from edge.services.likelihood import ExamPostTest

SIGN: JsonDict = {
    "id": "pneumonia-adults",
    "condition": "pneumonia",
    "sign": "lung ultrasound positive for pneumonia, as each study defined it",
    "positive": {"value": 6.6, "low": 3.7, "high": 11.7},
    "negative": {"value": 0.08, "low": 0.04, "high": 0.19},
    "population": "adults; 14 studies, 1911 patients",
    "machine": "several machines, read by people",
    "source": "Xia et al., J Thorac Dis 2016;8:2822 (PMC5107554)",
    "finding": None,
}

Before = Annotated[float | None, Query(description="What a person states of the condition without the ultrasound, 0 to 1")]
SignId = Annotated[str, Query(max_length=40)]
Signs = Annotated[Sequence[SignId], Query(alias="sign", max_length=20, description="Exactly one: signs of one lung are correlated")]
Answer = Annotated[Verdict | None, Query(description="What a person states of a sign of which the exam states nothing")]


class SignOut(Published):
    """A published sign with its likelihood ratios. `stated` is present, absent or unsure by the findings of the exam, null without any."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**SIGN, "stated": None, "notice": NOTICE}]})

    stated: Verdict | None
    notice: str = NOTICE


class PostTestOut(BaseModel):
    """How likely the condition of a sign is `before` and `after` it, 0 to 1; `low` and `high` are null where the interval is open.

    The same numbers in percent are whole, and never stand for a certainty: 0 is less than 1, and 100 more than 99. `of_exam`: the findings
    of the exam stated whether the sign is `present`. `own`: the figures are those of this site; `whose` states in words whose they are.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sign": SIGN,
                    "present": True,
                    "of_exam": False,
                    "before": 0.3,
                    "after": 0.7388,
                    "low": 0.6133,
                    "high": 0.8337,
                    "before_percent": 30,
                    "after_percent": 74,
                    "low_percent": 61,
                    "high_percent": 83,
                    "ratio": SIGN["positive"],
                    "own": False,
                    "whose": "Not figures of this site: adults; 14 studies, 1911 patients; several machines, read by people. Xia et al.",
                    "simulated": False,
                    "machine_mark": "",
                    "notice": NOTICE,
                }
            ]
        }
    )

    sign: Published
    present: bool
    of_exam: bool
    before: float
    after: float
    low: float | None
    high: float | None
    before_percent: int
    after_percent: int
    low_percent: int | None
    high_percent: int | None
    ratio: Ratio
    own: bool
    whose: str
    simulated: bool
    machine_mark: str
    notice: str = NOTICE


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/exams/{exam_id}/signs", summary="Published signs, and what the findings of the exam state of each")
    def signs(who: Who, exam_id: RecordId) -> list[SignOut]:
        return [SignOut(**each.row.model_dump(), stated=each.stated) for each in view.likelihood.signs(who, exam_id)]

    @routes.get("/exams/{exam_id}/post-test", summary="How likely a condition is after one sign; nothing is stored")
    def post_test(who: Who, exam_id: RecordId, signs: Signs = (), before: Before = None, answer: Answer = None) -> PostTestOut:
        return _post_test_out(view.likelihood.post_test(who, exam_id, before, signs, answer))


def _post_test_out(given: ExamPostTest) -> PostTestOut:
    result = given.result
    stated = {name: getattr(result, name) for name in ("present", "before", "after", "low", "high", "ratio", "own", "whose", "notice")}
    percents = {f"{name}_percent": None if stated[name] is None else percent(stated[name]) for name in ("before", "after", "low", "high")}
    about = {"sign": given.row, "of_exam": given.of_exam, "simulated": given.simulated, "machine_mark": given.machine_mark}
    return PostTestOut.model_validate({**stated, **percents, **about})
