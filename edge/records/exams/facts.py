"""What is known of an exam besides its zones. Each fact is named once, here, and is stored, served, printed and exported under that name.

A new fact that a person states is one line in `StatedFacts`, or in `PatientContext`: it then has its key in the API, in `exam.json`, in the
report and in the records, where a fact without a column of its own is in the column `facts`. The models build on each other:
what is stated, how the exam is taken (`TakenFacts`), its dates (`CourseFacts`), an exam that begins (`NewExam`), and all (`ExamFacts`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import JSON, inspect

from edge.records.audit.entry import Value
from edge.records.exams.context import PatientContext, Recorded
from edge.records.exams.order import Order
from edge.records.schema import ExamRow

DRAFT: Final = "draft"
PRELIMINARY: Final = "preliminary"


class StatedFacts(Recorded):
    """What a person states when an exam begins. `emergency`: it begins before the patient is identified."""

    emergency: bool = False


class ExamStatement(StatedFacts):
    """Everything that a person states: the facts of the exam, its order, and the condition of the patient."""

    order: Order = Order()
    context: PatientContext = PatientContext()

    @property
    def stated(self) -> dict[str, object]:
        """Its fields by name, without the fields that a derived model adds."""
        return {name: getattr(self, name) for name in ExamStatement.model_fields}


class TakenFacts(StatedFacts):
    """How an exam is taken. `qualified` states whether its operator was qualified; `operator` is the name in the audit trail."""

    protocol: str
    protocol_version: str
    protocol_digest: str
    simulated: bool
    qualified: bool
    operator: str


class CourseFacts(Recorded):
    """The exam's name for other systems, and the times of its events."""

    study_uid: str
    begun_at: datetime
    ended_at: datetime | None = None
    signed_at: datetime | None = None
    signed_by: str | None = None


class NewExam(ExamStatement, TakenFacts):
    """An exam that begins; `folder` holds its clips, below `exams`. `session_id`: the break-glass session in which it began, if any.

    `site` is the name of the hospital or clinic, empty where none was stated.
    """

    folder: str
    operator_id: str | None = None
    session_id: str | None = None
    patient_id: str | None = None
    site: str = ""

    @property
    def audited(self) -> dict[str, Value]:
        """The facts of the begin for the audit trail: never free text, because nothing can be removed from the trail."""
        stated = {name: getattr(self, name) for name in StatedFacts.model_fields}
        flags: dict[str, Value] = {name: value for name, value in stated.items() if isinstance(value, bool)}
        taken: dict[str, Value] = {
            "protocol": self.protocol,
            "protocol_version": self.protocol_version,
            "qualified": self.qualified,
            "patient": self.patient_id,
        }
        return flags | taken | ({"session": self.session_id} if self.session_id else {})


class ExamFacts(NewExam, CourseFacts):
    """Everything known of an exam besides its zones. `over_read` holds the reasons for a second reading."""

    id: str
    state: str
    over_read: tuple[str, ...] = ()
    sent_at: datetime | None = None
    removed_at: datetime | None = None
    version: int = 1


COLUMNS = {column.key: isinstance(column.columns[0].type, JSON) for column in inspect(ExamRow).column_attrs}
"""The columns of the exam's row, and whether each holds JSON."""
DEFAULTS = {name: field.default for name, field in ExamFacts.model_fields.items() if not field.is_required()}
NOT_FACTS = frozenset({"facts", "zones", "zone_states"})
"""Columns that are not facts."""


def columns_of(facts: ExamFacts) -> dict[str, object]:
    """The columns of the exam's row; facts without a column are in `facts`, including those that only a newer program knows.

    A fact that nobody stated is not stored: nothing but the digest of a closed database notices a change in it.
    """
    plain, ready = dict(facts), facts.model_dump(mode="json")
    columns = {name: ready[name] if holds_json else plain[name] for name, holds_json in COLUMNS.items() if name in ready}
    others = {name: value for name, value in ready.items() if name not in COLUMNS and plain[name] != DEFAULTS.get(name)}
    return {**columns, "facts": others or None}


def facts_of(row: ExamRow) -> Mapping[str, object]:
    """The facts of a row by name, ready for `ExamFacts`."""
    return {**(row.facts or {}), **{name: getattr(row, name) for name in COLUMNS if name not in NOT_FACTS}}
