"""The queue of differences: where the answers on exams differ, and the root causes that people stated."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from edge.api.exams.exams import RecordId
from edge.api.pages import Cursor, Page, encoded
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.exam.verdict import Verdict
from edge.feedback.agreement import LEAST, shown_count
from edge.feedback.discordance.cause import SENTENCES, RootCause
from edge.feedback.discordance.difference import By, Kind, Statement
from edge.notice import NOTICE
from edge.people.actor import Actor
from edge.records.discordance.closings import StoredClosing
from edge.services.discordance import Listed, Why

LONGEST_NOTE = 500
EXAM, CLOSING = "0192f0c2-7c3e-7a51-8f5e-3c1d6c2b9a11", "0192f0c2-7c3e-7a51-8f5e-3c1d6c2b9a12"
ANSWERS: list[JsonDict] = [
    {"by": "model", "who": "", "answer": "present"},
    {"by": "over-read", "who": "Almaz Bekele (reader)", "answer": "absent"},
]
CLOSED: JsonDict = {
    "id": CLOSING,
    "exam": EXAM,
    "zone": "L1",
    "finding": "b_lines",
    "cause": "model",
    "note": "a rib shadow",
    "answers": [*ANSWERS],
    "closed_at": "2026-11-30T10:08:47.879027Z",
    "closed_by": "Sara Haile (senior)",
    "withdrawn_at": None,
    "withdrawn_by": None,
    "why": "",
}


class AnswerOut(BaseModel):
    """`who` is a person, as in the audit trail; of an outcome it is the condition, and of the model it is empty."""

    by: By
    who: str
    answer: Verdict


class StatementOut(AnswerOut):
    """An answer with its time, where one is recorded. `blind`: its reader did not see the others. `reference` is that of an outcome.

    `mark` is shown with an answer of the model: it is not validated on the machine.
    """

    at: datetime | None
    blind: bool
    reference: str
    mark: str


class ClosingOut(BaseModel):
    """A root cause as a person stated it, with the `answers` of that time. A withdrawn one stays recorded, with the reason in `why`."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLOSED]})

    id: str
    exam: str
    zone: str
    finding: str
    cause: RootCause
    note: str
    answers: list[AnswerOut]
    closed_at: datetime
    closed_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    why: str


class DifferenceOut(BaseModel):
    """Answers that differ on a `finding` in a `zone`, which is empty where it is the sign of the exam as a whole.

    `seen` stands for these answers, and goes with a closing. `own`: only your own answer makes the difference, so that another person
    closes it. `closing` is the newest one; it does not hold where the difference is not `closed`.
    """

    exam: str
    protocol: str
    begun_at: datetime
    zone: str
    finding: str
    kind: Kind
    statements: list[StatementOut]
    seen: str
    own: bool
    closed: bool
    closing: ClosingOut | None


class DifferencesOut(Page[DifferenceOut]):
    """Whole exams, the newest first: some more than `limit`, or few, or none; the list ends only where `next` is null."""

    notice: str = NOTICE


class CauseOut(BaseModel):
    """`count` is null from 1 to less than `least`."""

    cause: RootCause
    sentence: str
    count: int | None


class CausesOut(BaseModel):
    least: int
    causes: list[CauseOut]


class ClosingIn(BaseModel):
    """`seen` is that of the difference that you looked at."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"zone": "L1", "finding": "b_lines", "cause": "model", "note": "a rib shadow", "seen": "0" * 16}]},
    )

    zone: Annotated[str, Field(max_length=20)]
    finding: Annotated[str, Field(max_length=40)]
    cause: RootCause
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""
    seen: Annotated[str, Field(max_length=16)]


class ReopeningIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"why": "It was another zone"}]})

    why: Annotated[str, Field(max_length=LONGEST_NOTE)]


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/differences", summary="Where the answers on exams differ, open or closed, the newest exams first")
    def listed(
        who: Who, cursor: Cursor, state: Literal["open", "closed"] = "open", kind: Annotated[Kind | None, Query()] = None
    ) -> DifferencesOut:
        found = view.discordance.queue(who, cursor.limit, cursor.after, kind, closed=state == "closed")
        items = [_difference(each, who) for each in found.items]
        return DifferencesOut(items=items, next=None if found.after is None else encoded(found.after))

    @routes.get("/differences/causes", summary="For how many differences people stated each root cause")
    def causes(who: Who) -> CausesOut:
        counted = view.discordance.causes(who)
        return CausesOut(
            least=LEAST,
            causes=[CauseOut(cause=each, sentence=SENTENCES[each], count=shown_count(count)) for each, count in counted.items()],
        )

    @routes.post("/exams/{exam_id}/closings", status_code=201, summary="Close a difference by its root cause")
    def close(who: Who, exam_id: RecordId, closing: ClosingIn) -> DifferenceOut:
        why = Why(closing.cause, closing.note.strip(), closing.seen)
        return _difference(view.discordance.close(who, (exam_id, closing.zone, closing.finding), why), who)

    @routes.post("/closings/{closing_id}/withdraw", summary="Open a difference again; its closing stays recorded")
    def withdraw(who: Who, closing_id: RecordId, reopening: ReopeningIn) -> ClosingOut:
        return _closing(view.discordance.withdraw(who, closing_id, reopening.why))


def _difference(listed: Listed, who: Actor) -> DifferenceOut:
    each, exam = listed.difference, listed.exam
    return DifferenceOut(
        exam=exam.id,
        protocol=exam.protocol,
        begun_at=exam.begun_at,
        zone=each.zone,
        finding=each.finding,
        kind=each.kind,
        statements=[_statement(one) for one in each.statements],
        seen=each.seen,
        own=each.is_own(who.name),
        closed=listed.closed,
        closing=None if listed.closing is None else _closing(listed.closing),
    )


def _statement(statement: Statement) -> StatementOut:
    return StatementOut.model_validate({name: getattr(statement, name) for name in StatementOut.model_fields})


def _closing(closing: StoredClosing) -> ClosingOut:
    fields = {name: getattr(closing, name) for name in ClosingOut.model_fields if name != "exam"}
    return ClosingOut.model_validate({**fields, "exam": closing.exam_id})
