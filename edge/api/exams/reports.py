"""Reports, current or issued, as JSON and as PDF; and the two acts that issue one: sign and amend."""

import base64
from datetime import datetime
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from edge.api.etags import IfMatch, etag
from edge.api.exams.exams import RecordId
from edge.api.who import Who
from edge.exam.report.picture import shots_of
from edge.exam.report.press import pressed
from edge.exam.report.report import Report
from edge.records.exams.finding import Decision
from edge.records.exams.reports import Redecided, StoredReport
from edge.services.exam import ExamService
from edge.services.report import GivenReport, ReportService

PDF = "application/pdf"
REMARK = "SonoEdge-Remark"
"""The header that states what could not be printed, and which package to install."""
PAPER = f"An A4 page, and the picture of each zone; the header {REMARK} states what could not be printed"

MOST_FINDINGS = 500
LONGEST_CONCLUSION = 1000

Number = Annotated[int | None, Query(ge=1, le=1_000_000, description="Which report; without it the newest")]


class ReportView(Protocol):
    """What these routes need to know of the appliance."""

    @property
    def exam(self) -> ExamService:
        """Its book has the recordings of an exam."""
        ...

    @property
    def reports(self) -> ReportService:
        """Its methods wait for the disk: call them from a thread."""
        ...


class GivenOut(BaseModel):
    """A report that was signed or amended; `sha256` is of its body, byte for byte as `GET /exams/{id}/report?number=` answers it."""

    number: int
    status: str
    why: str
    made_at: datetime
    made_by: str
    sha256: str


class SignIn(BaseModel):
    """What the reader who signs concludes, in their own words; it stands at the top of the report."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"conclusion": "No sign of pneumonia"}]})

    conclusion: str = Field(default="", max_length=LONGEST_CONCLUSION)


class RedecidedIn(BaseModel):
    """A changed decision on one finding; only `edited` has a `verdict`."""

    model_config = ConfigDict(extra="forbid")

    finding: str = Field(max_length=64)
    decision: Decision
    verdict: Literal["present", "absent", "unsure"] | None = None


class AmendIn(BaseModel):
    """The reason, and the changed decisions; none if only the information on the patient changed.

    Without a `conclusion` that of the previous report stays.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"why": "The right base was read again", "findings": []}]})

    why: str = Field(min_length=1, max_length=1000)
    findings: list[RedecidedIn] = Field(default=[], max_length=MOST_FINDINGS)
    conclusion: str | None = Field(default=None, max_length=LONGEST_CONCLUSION)


def add_routes(routes: APIRouter, view: ReportView) -> None:
    @routes.get(
        "/exams/{exam_id}/report", response_model=Report, summary="A report, byte for byte as issued; a preliminary one before that"
    )
    def report(exam_id: RecordId, who: Who, number: Number = None) -> Response:
        return _as_given_out(view.reports.report(who, exam_id, number))

    @routes.get(
        "/exams/{exam_id}/report.pdf",
        response_class=Response,
        responses={
            200: {
                "content": {PDF: {}},
                "description": "An A4 page, and the picture of each zone; the header SonoEdge-Remark states what could not be printed",
            }
        },
        summary="A report on paper",
    )
    def paper(exam_id: RecordId, who: Who, number: Number = None) -> Response:
        report = view.reports.report(who, exam_id, number).report
        made = pressed(report, shots_of(report, view.exam.book.recordings(who, exam_id)))
        headers = {"Content-Disposition": f'inline; filename="report-{report.exam}-{report.number}.pdf"'}
        return Response(made.content, media_type=PDF, headers={**headers, **({REMARK: made.remark} if made.remark else {})})

    @routes.get("/exams/{exam_id}/reports", summary="The issued reports of an exam, the oldest first")
    def given_out(exam_id: RecordId, who: Who) -> list[GivenOut]:
        return [_line(stored) for stored in view.reports.given_out(who, exam_id)]

    @routes.post("/exams/{exam_id}/sign", response_model=Report, summary="Sign an exam: its report is final")
    def sign(exam_id: RecordId, who: Who, seen: IfMatch, signature: SignIn | None = None) -> Response:
        return _as_given_out(view.reports.sign(who, exam_id, seen, signature.conclusion if signature else ""), seen + 1)

    @routes.post("/exams/{exam_id}/amend", response_model=Report, summary="Issue another report of a signed exam, with a reason")
    def amend(exam_id: RecordId, amendment: AmendIn, who: Who, seen: IfMatch) -> Response:
        changes = [Redecided(each.finding, each.decision, each.verdict) for each in amendment.findings]
        return _as_given_out(view.reports.amend(who, exam_id, seen, amendment.why, changes, conclusion=amendment.conclusion), seen + 1)


def _as_given_out(given: GivenReport, version: int | None = None) -> Response:
    """The very bytes that were stored, with their digest (RFC 9530)."""
    response = Response(given.stored.body if given.stored else given.report.canonical, media_type="application/json")
    if given.stored is not None:
        digest = base64.b64encode(bytes.fromhex(given.stored.sha256)).decode()
        response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    if version is not None:
        etag(response, version)
    return response


def _line(stored: StoredReport) -> GivenOut:
    return GivenOut.model_validate({name: getattr(stored, name) for name in GivenOut.model_fields})
