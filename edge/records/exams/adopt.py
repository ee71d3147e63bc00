"""Exams on the disk that the records do not know, after an older backup came in their place: taken back from `exam.json` beside the clips.

Findings, reviews and reports are not in it: the clips hold every frame, and can be read again.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select

from edge.records.audit.entry import Detail
from edge.records.exams.clips import ABSENT, WHOLE
from edge.records.exams.forms import DRAFT, PRELIMINARY
from edge.records.notices import APPLIANCE, tell
from edge.records.schema import ClipRow, ExamRow, PatientRow
from edge.records.store import Store, Transaction

FILE = "exam.json"
NOTICE = "exams-taken-back"
FIX = "Say again whose exams they are, and have them reviewed; their findings are made anew by reading the clips again"


class _Window(BaseModel):
    first: int
    last: int
    score: float


class _Clip(BaseModel):
    id: str
    zone: str
    file: str
    by: str
    sha256: str
    bytes: int
    overridden: list[str]
    kept_at: datetime
    superseded_at: datetime | None
    window: _Window


class _Zones(BaseModel):
    model_config = ConfigDict(extra="allow")

    protocol_version: str
    protocol_digest: str


class _Exam(BaseModel):
    id: str
    study_uid: str
    state: str
    protocol: str
    emergency: bool
    simulated: bool
    qualified: bool
    operator: str
    patient_id: str | None
    begun_at: datetime
    ended_at: datetime | None
    context: Mapping[str, object]
    exam: _Zones
    clips: list[_Clip]


def adopt_exams(store: Store, exams: Path) -> int:
    """Takes back every exam of which there is a folder and no row; how many.

    Raises:
        RecordsFull, RecordsUnusable: the disk refuses it.
    """
    with store.read() as session:
        known = {*session.scalars(select(ExamRow.folder)), *session.scalars(select(ExamRow.id))}
    found = [(path.parent.name, _read(path)) for path in sorted(exams.glob(f"*/{FILE}")) if path.parent.name not in known]
    # By id, because a person may have copied a folder: of two folders with the same exam, the first by name is taken back.
    lost = {exam.id: (folder, exam) for folder, exam in reversed(found) if exam is not None and exam.id not in known}
    if lost:
        with store.write() as change:
            for folder, exam in lost.values():
                _add(change, folder, exam)
            names = ", ".join(sorted(folder for folder, _ in lost.values()))
            tell(change, NOTICE, f"{len(lost)} exams were on the disk and not in the records, and were taken back: {names}", FIX)
    return len(lost)


def _read(path: Path) -> _Exam | None:
    try:
        return _Exam.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _add(change: Transaction, folder: str, exam: _Exam) -> None:
    """What was signed has to be signed again: its report went with the other records."""
    known_patient = exam.patient_id is not None and change.session.get(PatientRow, exam.patient_id) is not None
    state = DRAFT if exam.state == DRAFT else PRELIMINARY
    change.session.add(
        ExamRow(
            **exam.model_dump(include={"id", "study_uid", "protocol", "emergency", "simulated", "qualified", "operator", "begun_at"}),
            folder=folder,
            protocol_version=exam.exam.protocol_version,
            protocol_digest=exam.exam.protocol_digest,
            state=state,
            zones=exam.exam.model_dump(),
            context=dict(exam.context),
            patient_id=exam.patient_id if known_patient else None,
            over_read=[],
            ended_at=exam.ended_at,
        )
    )
    change.session.flush()
    for clip in exam.clips:
        told = clip.model_dump(exclude={"window"})
        part = {"first": clip.window.first, "last": clip.window.last, "quality": clip.window.score}
        change.session.add(ClipRow(exam_id=exam.id, file_state=WHOLE if clip.file else ABSENT, **told, **part))
    detail: Detail = {"folder": folder, "state": exam.state, "clips": len(exam.clips)}
    change.log(APPLIANCE, "exam.taken-back", f"exam/{exam.id}", detail)
