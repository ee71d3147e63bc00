"""Findings: what the model says of each clip, and what a person decides on it, in one call."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from edge.api.etags import IfMatch, etag
from edge.api.exams.exams import RecordId
from edge.api.exams.records_schema import FindingOut, finding_out
from edge.api.pages import Cursor, Page, page_of
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.records.exams.finding import Decision
from edge.services.book import Verdict

Decided = Literal["open", Decision]


class DecisionIn(BaseModel):
    """`verdict` is the person's own, given with `edited` and only with it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"decision": "accepted"}, {"decision": "edited", "verdict": "absent"}]}
    )

    decision: Decision
    verdict: Verdict | None = None


def router(view: ApplianceView) -> APIRouter:
    routes = APIRouter()
    book = view.exam.book

    @routes.get("/findings", summary="Findings, the newest first; those that nobody has decided on, where decision=open is given")
    def listed(who: Who, cursor: Cursor, decision: Annotated[Decided | None, Query()] = None) -> Page[FindingOut]:
        found = book.newest_findings(who, cursor.fetch, cursor.after, decision)
        return page_of(found, cursor, lambda each: finding_out(each[0], shown=each[1]), lambda each: each[0].id)

    @routes.get("/findings/{finding_id}", summary="One finding")
    def one(who: Who, finding_id: RecordId, response: Response) -> FindingOut:
        finding = book.findings.get(finding_id)
        shown = book.shown(who, book.get(who, finding.exam_id))
        etag(response, finding.version)
        return finding_out(finding, shown=shown)

    @routes.post("/findings/{finding_id}/decision", summary="Accept, reject, edit, or mark a finding as not assessable")
    def decide(who: Who, finding_id: RecordId, decided: DecisionIn, version: IfMatch, response: Response) -> FindingOut:
        finding = book.decide(who, finding_id, decided.decision, decided.verdict, version)
        etag(response, finding.version)
        return finding_out(finding, shown=True)

    return routes
