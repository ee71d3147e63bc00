"""`exam.json`: an exam as recorded, without the patient's identity, in the folder of its clips, so that it can be read elsewhere.

One model writes and reads it. The keys of release 0.1.0 stay, with `exam` in record version 1, so that 0.1.0 reads the file as well.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from edge.notice import NOTICE
from edge.records.columns import Json
from edge.records.exams.assessment import Assessment
from edge.records.exams.clips import ClipRecord, clip_records
from edge.records.exams.context import RECORDED
from edge.records.exams.facts import DRAFT, ExamFacts
from edge.records.exams.finding import OPEN, NewFinding, StoredFinding
from edge.records.exams.forms import stored_exam
from edge.records.exams.protocol_texts import text_of
from edge.records.exams.zones_v1 import assessment_in, findings_in, upgraded
from edge.records.ids import new_id
from edge.records.rows import stored
from edge.records.schema import ExamRow, FindingRow

FILE = "exam.json"


class FileWindow(BaseModel):
    """The first and last frame of the clip in the recording, by sequence number, and the mean of their quality, 0 to 100."""

    first: int
    last: int
    score: float


class FileClip(BaseModel):
    """A recording of a zone in the exam's folder. `superseded_at`: when the zone was reopened to be taken again."""

    model_config = ConfigDict(extra="allow")

    id: str
    zone: str
    file: str
    by: Literal["itself", "operator"]
    sha256: str
    bytes: int
    overridden: tuple[str, ...]
    kept_at: datetime
    superseded_at: datetime | None = None
    window: FileWindow
    assessment: Assessment | None = None


class ExamFile(ExamFacts):
    """`exam` is record version 1 of the zones; `protocol_text` is empty where it is not stored. See `ExamFacts` for the other keys."""

    notice: str = NOTICE
    open: bool
    exam: Json
    zone_states: Json
    clips: tuple[FileClip, ...] = ()
    findings: tuple[StoredFinding, ...] = ()
    protocol_text: str = ""

    @property
    def content(self) -> bytes:
        """The bytes of the file in the exam's folder."""
        return self.model_dump_json(indent=1).encode()

    @property
    def speaking(self) -> dict[str, FileClip]:
        """The newest clip of each zone that is not superseded, by zone."""
        return {clip.zone: clip for clip in self.clips if clip.superseded_at is None}


Sidecar = Callable[[ExamFile], None]


def nothing(_file: ExamFile) -> None: ...


def file_of(session: Session, row: ExamRow) -> ExamFile:
    """The file of an exam as it is in this transaction."""
    exam = stored_exam(session, row)
    rows = session.scalars(select(FindingRow).where(FindingRow.exam_id == row.id).order_by(FindingRow.id))
    facts = {name: value for name, value in dict(exam).items() if name not in ("patient", "zones")}
    stated = {
        "notice": NOTICE,
        "open": row.state == DRAFT,
        **facts,
        "exam": row.zones,
        "clips": tuple(_clip(clip) for clip in clip_records(session, row)),
        "findings": tuple(stored(StoredFinding, each) for each in rows),
        "protocol_text": text_of(session, row.protocol_digest) or "",
    }
    return ExamFile.model_validate(stated, context=RECORDED)


def read_file(content: bytes) -> ExamFile:
    """The file that this program or release 0.1.0 wrote.

    Raises:
        ValidationError: it is not such a file.
    """
    stated = _STATED.validate_json(content)
    if "zone_states" in stated:
        return ExamFile.model_validate(stated, context=RECORDED)
    zones = stated.get("exam")
    zones = zones if isinstance(zones, dict) else {}
    more = {"folder": "", **{name: zones[name] for name in ("protocol_version", "protocol_digest") if name in zones}}
    file = ExamFile.model_validate({**more, **stated, "zone_states": upgraded(zones)}, context=RECORDED)
    return _with_answers(file)


_STATED = TypeAdapter(dict[str, object])


def _with_answers(file: ExamFile) -> ExamFile:
    """Release 0.1.0 wrote the answer on each clip only into `exam`."""
    speaking = {clip.id: clip for clip in file.speaking.values()}
    clips = tuple(
        clip.model_copy(update={"assessment": assessment_in(file.exam, clip.zone)}) if clip.id in speaking else clip for clip in file.clips
    )
    try:
        findings = tuple(stored_finding(file.id, clip, each) for clip in speaking.values() for each in findings_in(file.exam, clip.zone))
    except (KeyError, TypeError):  # no such answer was ever written
        findings = ()
    return file.model_copy(update={"clips": clips, "findings": findings})


def stored_finding(exam_id: str, clip: FileClip, new: NewFinding) -> StoredFinding:
    """A finding without a decision."""
    return StoredFinding(
        **asdict(new),
        id=new_id(),
        exam_id=exam_id,
        clip_id=clip.id,
        zone=clip.zone,
        said_at=clip.kept_at,
        decision=OPEN,
        decided=None,
        decided_by=None,
        decided_at=None,
        superseded_at=None,
        version=1,
    )


def _clip(clip: ClipRecord) -> FileClip:
    window = FileWindow(first=clip.first, last=clip.last, score=clip.quality)
    return FileClip(**{name: getattr(clip, name) for name in FileClip.model_fields if name != "window"}, window=window)
