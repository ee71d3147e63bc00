"""Outcomes: what a patient turned out to have, by which reference, and what holds where several are recorded."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from edge.api.exams.exams import RecordId
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.feedback.agreement import LEAST, shown_count
from edge.feedback.truth.condition import Reference, conditions
from edge.feedback.truth.standing import Open, Stated, Truth
from edge.records.outcomes.outcomes import StoredOutcome
from edge.services.outcome import KnownExams

LONGEST_NOTE = 500
RECORDED: JsonDict = {"condition": "pneumonia", "present": True, "reference": "ct", "on": "2026-11-28", "note": "right lower lobe"}

HELD: JsonDict = {
    "id": "0192f0c2-7c3e-7a51-8f5e-3c1d6c2b9a12",
    "exam": "0192f0c2-7c3e-7a51-8f5e-3c1d6c2b9a11",
    "recorded_at": "2026-11-28T10:08:47.879027Z",
    "recorded_by": "Almaz Bekele (reader)",
    "withdrawn_at": None,
    "withdrawn_by": None,
    "why": "",
}


class ConditionOut(BaseModel):
    """`references` are those that determine the condition, each with its level: 3 is the accepted reference, 1 a weak one."""

    id: str
    name: str
    references: dict[Reference, int]


class OutcomeIn(BaseModel):
    """`present` is null where the reference could not tell; `on` is the day of the reference."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [RECORDED]})

    condition: Annotated[str, Field(max_length=40)]
    present: bool | None
    reference: Reference
    on: date
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""


class OutcomeOut(OutcomeIn):
    """An outcome as recorded. One that was withdrawn stays in the list with the reason, and holds nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**RECORDED, **HELD}]})

    id: str
    exam: str
    recorded_at: datetime
    recorded_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    why: str


class TruthOut(BaseModel):
    """What holds of a condition: `present` is null where it is not known, and `why` states the reason; `level` is 0 without a reference."""

    condition: str
    present: bool | None
    why: Open | None
    level: int
    reference: Reference | None


class OutcomesOut(BaseModel):
    """Every outcome of an exam, the first recorded first, and what holds of each condition."""

    outcomes: list[OutcomeOut]
    truths: list[TruthOut]


class KnownOut(BaseModel):
    """In how many exams a condition is present, absent, or not known although an outcome is recorded; null: from 1 to less than `least`."""

    condition: str
    present: int | None
    absent: int | None
    open: int | None


class KnownsOut(BaseModel):
    """Of the exams of real patients; simulated ones do not count."""

    least: int
    conditions: list[KnownOut]


class WithdrawalIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"why": "It was another patient"}]})

    why: Annotated[str, Field(max_length=LONGEST_NOTE)]


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/conditions", summary="The conditions that an outcome can state, and the references that determine each")
    def known() -> list[ConditionOut]:
        return [ConditionOut(id=each.id, name=each.name, references=dict(each.references)) for each in conditions()]

    @routes.get("/outcomes", summary="What is known of each condition, over the exams that you are allowed to read")
    def counted(who: Who) -> KnownsOut:
        return KnownsOut(least=LEAST, conditions=[_known(each) for each in view.outcomes.known(who)])

    @routes.get("/exams/{exam_id}/outcomes", summary="What the patient of an exam turned out to have")
    def of_exam(who: Who, exam_id: RecordId) -> OutcomesOut:
        found = view.outcomes.of_exam(who, exam_id)
        return OutcomesOut(outcomes=[_outcome(each) for each in found.outcomes], truths=[_truth(each) for each in found.truths])

    @routes.post("/exams/{exam_id}/outcomes", status_code=201, summary="Record what the patient of an exam turned out to have")
    def record(who: Who, exam_id: RecordId, outcome: OutcomeIn) -> OutcomeOut:
        stated = Stated(outcome.condition, outcome.present, outcome.reference, outcome.on)
        return _outcome(view.outcomes.record(who, exam_id, stated, outcome.note))

    @routes.post("/outcomes/{outcome_id}/withdraw", summary="Withdraw an outcome that was wrong; it stays recorded")
    def withdraw(who: Who, outcome_id: RecordId, withdrawal: WithdrawalIn) -> OutcomeOut:
        return _outcome(view.outcomes.withdraw(who, outcome_id, withdrawal.why))


def _known(known: KnownExams) -> KnownOut:
    return KnownOut(
        condition=known.condition, present=shown_count(known.present), absent=shown_count(known.absent), open=shown_count(known.open)
    )


def _outcome(outcome: StoredOutcome) -> OutcomeOut:
    fields = {name: getattr(outcome, name) for name in OutcomeOut.model_fields if name != "exam"}
    return OutcomeOut.model_validate({**fields, "exam": outcome.exam_id})


def _truth(truth: Truth) -> TruthOut:
    return TruthOut(condition=truth.condition, present=truth.present, why=truth.why, level=truth.level, reference=truth.reference)
