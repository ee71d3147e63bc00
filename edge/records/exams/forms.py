"""An exam as it is handed to the records and back: as it begins, as it is kept, and what happens to it in between."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from edge.records.audit.entry import Detail
from edge.records.exams.patients import StoredPatient

DRAFT, PRELIMINARY = "draft", "preliminary"

Said = Mapping[str, object]
"""A record of another module, ready for JSON."""


@dataclass(frozen=True, slots=True)
class NewExam:
    """An exam that begins; `folder` is that of its clips, `operator` how the audit trail calls who takes it."""

    folder: str
    protocol: str
    protocol_version: str
    protocol_digest: str
    zones: Said
    context: Said
    emergency: bool
    simulated: bool
    qualified: bool
    operator_id: str | None
    operator: str
    patient_id: str | None


@dataclass(frozen=True, slots=True)
class StoredExam:
    """An exam as recorded; see `ExamRow`."""

    id: str
    study_uid: str
    folder: str
    protocol: str
    protocol_version: str
    protocol_digest: str
    state: str
    zones: Said
    context: Said
    emergency: bool
    simulated: bool
    qualified: bool
    operator_id: str | None
    operator: str
    patient_id: str | None
    over_read: tuple[str, ...]
    begun_at: datetime
    ended_at: datetime | None
    signed_at: datetime | None
    signed_by: str | None
    sent_at: datetime | None
    removed_at: datetime | None
    version: int
    patient: StoredPatient | None


@dataclass(frozen=True, slots=True)
class ExamBrief:
    """What has to be known of an exam wherever one of its findings is listed."""

    id: str
    protocol: str
    state: str
    qualified: bool
    over_read: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to the zones of an exam: the audit entry's `act` and `detail`, and the zones after it.

    `qualified`: whether who did it may take such exams alone. `again` is the zone whose clip and findings no longer speak.
    """

    act: str
    detail: Detail
    zones: Said
    qualified: bool = True
    again: str | None = None
