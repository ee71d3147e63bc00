"""Exams: begin one, take its zones, end it, and state who and how the patient is."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response, params
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from typing_extensions import Self

from edge.api.etags import IfMatch, etag
from edge.api.etags import if_match as version_of
from edge.api.exams.order import OrderIn
from edge.api.exams.records_schema import (
    ClipOut,
    ExamLineOut,
    ExamRecordOut,
    FindingOut,
    clip_out,
    exam_record_out,
    finding_out,
    line_out,
)
from edge.api.exams.schema import ExamOut, exam_out
from edge.api.pages import Cursor, Page, page_of
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.exam.course import ExamState
from edge.exchange.worklist.scheduled import Scheduled
from edge.people.actor import Actor
from edge.records.exams.context import Identity, Measurement, PatientContext
from edge.records.exams.facts import ExamStatement, StatedFacts
from edge.records.exams.states import SkipReason

RecordId = Annotated[str, Path(max_length=36)]
ZoneId = Annotated[str, Path(max_length=20)]

PageName = Annotated[
    str, Header(alias="SonoEdge-Page", description="A random name of the page that asks; see `controlled_by`", max_length=40)
]
MaybeMatch = Annotated[str | None, Header(description="The ETag of the exam as it was read; without it, any version", max_length=40)]

PERSON: JsonDict = {"identifier": "P-0001", "issuer": "site", "name": "አበበ ቢቂላ", "birth_date": "1984-03", "sex": "male"}
CONTEXT: JsonDict = {
    "complaint": "cough for three days",
    "spo2": {"value": 93, "unit": "%"},
    "respiratory_rate": {"value": 24, "unit": "/min"},
    "temperature": {"value": 38.4, "unit": "Cel"},
    "pulse": {"value": 104, "unit": "/min"},
    "pregnancy": "no",
    "heart_failure": "unknown",
}


class LeaveOutIn(BaseModel):
    """The reason `other` needs a `note`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "pain"}]})

    reason: SkipReason
    note: str = Field("", max_length=500)


class IdentityIn(Identity):
    """Who a patient is."""

    model_config = ConfigDict(json_schema_extra={"examples": [PERSON]})


class MeasurementIn(Measurement):
    model_config = ConfigDict(extra="forbid")


class ContextIn(PatientContext):
    """How a patient is; it replaces what was stated before."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [CONTEXT]})

    spo2: MeasurementIn | None = None
    respiratory_rate: MeasurementIn | None = None
    temperature: MeasurementIn | None = None
    pulse: MeasurementIn | None = None


class ExamBeginIn(StatedFacts):
    """Without `protocol`, that of the last exam. `emergency`: begun before the patient is known; PUT the patient later.

    With the `study_uid` or the `encounter` of an order, patient and order are those of the hospital, exactly as it states them.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"protocol": "blue-6", "patient": PERSON, "context": CONTEXT, "emergency": False}]}
    )

    protocol: str | None = Field(None, max_length=40)
    patient: Identity | None = None
    context: ContextIn = ContextIn()
    order: OrderIn = OrderIn()

    @model_validator(mode="after")
    def _one_patient(self) -> Self:
        if (self.order.study_uid or self.order.encounter) and self.patient:
            raise ValueError("leave the patient out: it is that of the hospital")
        return self

    @property
    def statement(self) -> ExamStatement:
        facts = {name: getattr(self, name) for name in StatedFacts.model_fields}
        return ExamStatement.model_validate({**facts, "context": self.context, "order": self.order.stated})


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    def in_control(who: Who, exam_id: RecordId, page: PageName = "") -> None:
        view.exam.control.require(who, exam_id, page)

    controlled = [Depends(in_control)]
    _add_reading(routes, view)
    _add_course(routes, view, controlled)
    _add_zones(routes, view, controlled)


def _add_reading(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/exams", summary="Exams, the newest first; of one state if given")
    def listed(who: Who, cursor: Cursor, state: Annotated[ExamState | None, Query()] = None) -> Page[ExamLineOut]:
        found = view.exam.book.newest(who, cursor.fetch, cursor.after, state.value if state else None)
        return page_of(found, cursor, line_out, lambda exam: exam.id)

    @routes.get("/exams/current", summary="The exam that is open, or else the last one, as it is taken: zone by zone")
    def current(who: Who, response: Response) -> ExamOut:
        return _live(view, who, response)

    @routes.get("/exams/{exam_id}", summary="One exam, whole")
    def one(who: Who, exam_id: RecordId, response: Response) -> ExamRecordOut:
        exam = view.exam.book.get(who, exam_id)
        etag(response, exam.version)
        return exam_record_out(view, who, exam)

    @routes.get("/exams/{exam_id}/clips", summary="Its clips, the oldest first")
    def clips(who: Who, exam_id: RecordId) -> list[ClipOut]:
        return [clip_out(clip) for clip in view.exam.book.clips(who, exam_id)]

    @routes.get("/exams/{exam_id}/findings", summary="Its findings, the oldest first")
    def findings(who: Who, exam_id: RecordId) -> list[FindingOut]:
        return [finding_out(each) for each in view.exam.book.findings(who, exam_id)]


def _add_course(routes: APIRouter, view: ApplianceView, controlled: Sequence[params.Depends]) -> None:
    def scheduled(who: Actor, order: OrderIn) -> Scheduled | None:
        if order.encounter:
            return view.encounters.admitted(who, order.encounter, order.identified_by, order.accession)
        return view.worklist.scheduled(who, order.study_uid, order.identified_by, order.admission_id) if order.study_uid else None

    @routes.post("/exams", status_code=201, summary="Begin an exam on the live image")
    def begin(who: Who, wanted: ExamBeginIn, response: Response, page: PageName = "") -> ExamRecordOut:
        exam = view.exam.begin(who, wanted.protocol, scheduled(who, wanted.order) or wanted.patient, wanted.statement)
        view.exam.control.take(who, exam.id, page)
        etag(response, exam.version)
        response.headers["Location"] = f"/api/v1/exams/{exam.id}"
        return exam_record_out(view, who, exam)

    @routes.post("/exams/{exam_id}/control", summary="Control the open exam from this page; the page that did so watches from now on")
    def control(who: Who, exam_id: RecordId, response: Response, page: PageName = "") -> ExamOut:
        view.exam.control.take(who, view.exam.book.get(who, exam_id).id, page)
        return _live(view, who, response)

    @routes.post(
        "/exams/{exam_id}/end", summary="End an exam: it becomes preliminary; zones that are not examined stay so", dependencies=controlled
    )
    def end(who: Who, exam_id: RecordId, response: Response, if_match: MaybeMatch = None) -> ExamRecordOut:
        exam = view.exam.end(who, exam_id, _seen(if_match))
        etag(response, exam.version)
        return exam_record_out(view, who, exam)

    @routes.put("/exams/{exam_id}/patient", summary="State whose exam it is; the patient stated before stays in the audit trail")
    def patient(who: Who, exam_id: RecordId, stated: IdentityIn, version: IfMatch, response: Response) -> ExamRecordOut:
        exam = view.exam.name_patient(who, exam_id, stated, version)
        etag(response, exam.version)
        return exam_record_out(view, who, exam)

    @routes.put("/exams/{exam_id}/context", summary="State how the patient is; it replaces what was stated before")
    def context(who: Who, exam_id: RecordId, stated: ContextIn, version: IfMatch, response: Response) -> ExamRecordOut:
        exam = view.exam.state_context(who, exam_id, stated, version)
        etag(response, exam.version)
        return exam_record_out(view, who, exam)


def _add_zones(routes: APIRouter, view: ApplianceView, controlled: Sequence[params.Depends]) -> None:
    @routes.post("/exams/{exam_id}/zones/{zone}/select", summary="Take this zone next", dependencies=controlled)
    def select(who: Who, exam_id: RecordId, zone: ZoneId, response: Response) -> ExamOut:
        view.exam.select(who, zone, exam_id)
        return _live(view, who, response)

    @routes.post("/exams/{exam_id}/zones/{zone}/skip", summary="Skip a zone, with a reason", dependencies=controlled)
    def skip(who: Who, exam_id: RecordId, zone: ZoneId, wanted: LeaveOutIn, response: Response) -> ExamOut:
        view.exam.skip(who, zone, wanted.reason, wanted.note, exam_id)
        return _live(view, who, response)

    @routes.post(
        "/exams/{exam_id}/zones/{zone}/reopen", summary="Take a zone again; its earlier clip stays stored", dependencies=controlled
    )
    def reopen(who: Who, exam_id: RecordId, zone: ZoneId, response: Response) -> ExamOut:
        view.exam.reopen(who, zone, exam_id)
        return _live(view, who, response)

    @routes.post(
        "/exams/{exam_id}/zones/{zone}/record-anyway",
        summary="Record the zone in spite of the settings of the probe; it is marked",
        dependencies=controlled,
    )
    def record_anyway(who: Who, exam_id: RecordId, zone: ZoneId, response: Response) -> ExamOut:
        view.exam.record_anyway(who, zone, exam_id)
        return _live(view, who, response)

    @routes.post(
        "/exams/{exam_id}/zones/{zone}/keep",
        summary="Save what has been recorded of the selected zone, even if it is poor",
        dependencies=controlled,
    )
    def keep(who: Who, exam_id: RecordId, zone: ZoneId, response: Response) -> ExamOut:
        view.exam.keep(who, zone, exam_id)
        return _live(view, who, response)


def _live(view: ApplianceView, who: Actor, response: Response) -> ExamOut:
    """The exam that is open, with the version of its record as ETag."""
    exam = exam_out(view, who)
    if exam.version is not None:
        etag(response, exam.version)
    return exam


def _seen(stated: str | None) -> int | None:
    """The version in If-Match, None without it."""
    return None if stated is None else version_of(stated)
