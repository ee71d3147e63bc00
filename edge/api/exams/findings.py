"""Findings: what the model states of each clip, and the decision of a person."""

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
    """`verdict` is that of the person; only an `edited` finding has one."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"decision": "accepted"}, {"decision": "edited", "verdict": "absent"}]}
    )

    decision: Decision
    verdict: Verdict | None = None


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/findings", summary="Findings, the newest first; with decision=open, those without a decision")
    def listed(who: Who, cursor: Cursor, decision: Annotated[Decided | None, Query()] = None) -> Page[FindingOut]:
        found = view.exam.book.newest_findings(who, cursor.fetch, cursor.after, decision)
        return page_of(found, cursor, finding_out, lambda each: each.finding.id)

    @routes.get("/findings/{finding_id}", summary="One finding")
    def one(who: Who, finding_id: RecordId, response: Response) -> FindingOut:
        found = view.exam.book.finding(who, finding_id)
        etag(response, found.finding.version)
        return finding_out(found)

    @routes.post("/findings/{finding_id}/decision", summary="Accept, reject, edit, or mark a finding as not assessable")
    def decide(who: Who, finding_id: RecordId, decided: DecisionIn, version: IfMatch, response: Response) -> FindingOut:
        found = view.exam.book.decide(who, finding_id, decided.decision, decided.verdict, version)
        etag(response, found.finding.version)
        return finding_out(found)
