"""What is known of an exam besides its zones: each fact is named once, here. Stored, served, printed and exported as it stands here.

A new fact that a person states is one line in `StatedFacts`, or in `PatientContext`: it then has its key in the API, in `exam.json`, in the
report and in the records, where a fact without a column of its own lies in the column `facts`. The shapes build on each other:
what is stated, how the exam is taken (`TakenFacts`), its dates (`CourseFacts`), an exam that begins (`NewExam`), and all (`ExamFacts`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import JSON, inspect

from edge.records.audit.entry import Value
from edge.records.exams.context import PatientContext, Recorded
from edge.records.schema import ExamRow

DRAFT: Final = "draft"
PRELIMINARY: Final = "preliminary"


class StatedFacts(Recorded):
    """What a person states of an exam as it begins. `emergency`: it begins before anybody asks who the patient is."""

    emergency: bool = False


class ExamStatement(StatedFacts):
    """All that a person states: the facts of the exam, and how the patient is."""

    context: PatientContext = PatientContext()

    @property
    def stated(self) -> dict[str, object]:
        """Its fields by name, also of a model that adds others."""
        return {name: getattr(self, name) for name in ExamStatement.model_fields}


class TakenFacts(StatedFacts):
    """How an exam is taken. `qualified` states whether its operator was; `operator` is their name in the audit trail."""

    protocol: str
    protocol_version: str
    protocol_digest: str
    simulated: bool
    qualified: bool
    operator: str


class CourseFacts(Recorded):
    """The exam's name for other systems, and when what happened to it."""

    study_uid: str
    begun_at: datetime
    ended_at: datetime | None = None
    signed_at: datetime | None = None
    signed_by: str | None = None


class NewExam(ExamStatement, TakenFacts):
    """An exam that begins; `folder` is that of its clips, below `exams`."""

    folder: str
    operator_id: str | None = None
    patient_id: str | None = None

    @property
    def audited(self) -> dict[str, Value]:
        """What the audit trail states of the begin: never what a person wrote freely, since nothing can be taken out of the trail."""
        stated = {name: getattr(self, name) for name in StatedFacts.model_fields}
        flags: dict[str, Value] = {name: value for name, value in stated.items() if isinstance(value, bool)}
        taken: dict[str, Value] = {
            "protocol": self.protocol,
            "protocol_version": self.protocol_version,
            "qualified": self.qualified,
            "patient": self.patient_id,
        }
        return flags | taken


class ExamFacts(NewExam, CourseFacts):
    """Everything known of an exam besides its zones. `over_read` holds the reasons why it is read a second time."""

    id: str
    state: str
    over_read: tuple[str, ...] = ()
    sent_at: datetime | None = None
    removed_at: datetime | None = None
    version: int = 1


COLUMNS = {column.key: isinstance(column.columns[0].type, JSON) for column in inspect(ExamRow).column_attrs}
"""Of the exam's row, and whether each holds JSON."""
BESIDES = frozenset({"facts", "zones", "zone_states"})
"""Columns that are no fact."""


def columns_of(facts: ExamFacts) -> dict[str, object]:
    """The columns of the exam's row; facts without a column are in `facts`, also those that only a newer program knows."""
    plain, ready = dict(facts), facts.model_dump(mode="json")
    columns = {name: ready[name] if holds_json else plain[name] for name, holds_json in COLUMNS.items() if name in ready}
    others = {name: value for name, value in ready.items() if name not in COLUMNS}
    return {**columns, "facts": others or None}


def facts_of(row: ExamRow) -> Mapping[str, object]:
    """The facts of a row by name, ready for `ExamFacts`."""
    return {**(row.facts or {}), **{name: getattr(row, name) for name in COLUMNS if name not in BESIDES}}
