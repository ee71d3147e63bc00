"""The exam: its protocol, its zones, and what is to be done with each."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from edge.api.exams.schema import ExamOut, exam_out
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.records.exams.states import SkipReason


class ExamIn(BaseModel):
    """Without a protocol that of the last exam."""

    model_config = ConfigDict(extra="forbid")

    protocol: str | None = Field(None, max_length=40)


class ZoneIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    zone: str = Field(max_length=20)


class SkipIn(ZoneIn):
    """`note` is needed where the reason is another."""

    reason: SkipReason
    note: str = Field("", max_length=500)


def router(view: ApplianceView) -> APIRouter:
    routes = APIRouter()

    @routes.get("/exam", summary="The exam that is open, or the last one: every zone done, skipped or not examined")
    def exam(who: Who) -> ExamOut:
        return exam_out(view, who)

    @routes.post("/exam", status_code=201, summary="Begin an exam")
    def begin(who: Who, wanted: ExamIn) -> ExamOut:
        view.exam.begin(who, wanted.protocol)
        return exam_out(view, who)

    @routes.delete("/exam", summary="End the exam; zones that are not examined stay so")
    def end(who: Who) -> ExamOut:
        view.exam.end(who)
        return exam_out(view, who)

    _add_zones(routes, view)
    return routes


def _add_zones(routes: APIRouter, view: ApplianceView) -> None:
    @routes.put("/exam/zone", summary="Take this zone next")
    def select(who: Who, wanted: ZoneIn) -> ExamOut:
        view.exam.select(who, wanted.zone)
        return exam_out(view, who)

    @routes.post("/exam/skip", summary="Leave a zone out, and say why")
    def skip(who: Who, wanted: SkipIn) -> ExamOut:
        view.exam.skip(who, wanted.zone, wanted.reason, wanted.note)
        return exam_out(view, who)

    @routes.post("/exam/reopen", summary="Take a zone again; the clip that it had stays recorded")
    def reopen(who: Who, wanted: ZoneIn) -> ExamOut:
        view.exam.reopen(who, wanted.zone)
        return exam_out(view, who)

    @routes.post("/exam/keep", summary="Keep what there is of the selected zone, however good it is")
    def keep(who: Who) -> ExamOut:
        view.exam.keep(who)
        return exam_out(view, who)

    @routes.post("/exam/record-anyway", summary="Take the zone in spite of the probe's settings; it is marked and counted")
    def record_anyway(who: Who) -> ExamOut:
        view.exam.record_anyway(who)
        return exam_out(view, who)
