"""An exam on its way to the records and back: how it is stored, and the steps of its zones in between."""

from dataclasses import dataclass

from sqlalchemy.orm import Session
from typing_extensions import Self

from edge.records.audit.entry import Detail
from edge.records.columns import Json
from edge.records.exams.context import RECORDED
from edge.records.exams.facts import ExamFacts, columns_of, facts_of
from edge.records.exams.patients import StoredPatient, stored_patient
from edge.records.exams.zones_v1 import sealed, states_of
from edge.records.schema import ExamRow, PatientRow


class StoredExam(ExamFacts):
    """An exam as recorded. `zone_states` is what `Exam.as_record` wrote; `zones` holds the same in record version 1 (`zones_v1`)."""

    zone_states: Json
    zones: Json
    patient: StoredPatient | None = None

    @classmethod
    def of(cls, row: ExamRow, patient: PatientRow | None) -> Self:
        """The exam of a row that this program or another release wrote."""
        more = {"zones": row.zones, "zone_states": states_of(row.zones, row.zone_states)}
        values = {**facts_of(row), **more, "patient": None if patient is None else stored_patient(patient)}
        return cls.model_validate(values, context=RECORDED)


@dataclass(frozen=True, slots=True)
class ExamBrief:
    """What a list of findings needs of the exam of each finding."""

    id: str
    protocol: str
    state: str
    qualified: bool
    over_read: tuple[str, ...]
    simulated: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to the zones of an exam: the audit entry's `act` and `detail`, and the states of the zones after it.

    `qualified`: whether the person who did it may take such exams alone. `again`: the zone whose clip and findings no longer count.
    """

    act: str
    detail: Detail
    zone_states: Json
    qualified: bool = True
    again: str | None = None


def stored_exam(session: Session, row: ExamRow) -> StoredExam:
    """The exam of a row with its patient."""
    return StoredExam.of(row, session.get(PatientRow, row.patient_id) if row.patient_id else None)


def exam_row(facts: ExamFacts, zone_states: Json, zones: Json) -> ExamRow:
    """The row of an exam that is added."""
    return ExamRow(**columns_of(facts), zones=zones, zone_states=sealed(zone_states, zones))


def merged(before: Json, after: Json) -> Json:
    """The states `after`, with the keys of `before` that only a newer program knows, of the exam and of each zone that is still closed."""
    was, now = before.get("zones", {}), after.get("zones", {})
    return {**before, **after, "zones": {zone: {**was.get(zone, {}), **state} for zone, state in now.items()}}
