"""Clips: the recordings of an exam's zones, including zones that were taken again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from edge.records.exams.assessment import Assessment, from_json, to_json
from edge.records.exams.zones_v1 import assessment_in
from edge.records.ids import new_id
from edge.records.rows import found, stored
from edge.records.schema import ClipRow, ExamRow
from edge.records.store import Store

WHOLE, ABSENT = "whole", "absent"
RECORDING = ".mcap"
"""The end of the name of every recording."""


@dataclass(frozen=True, slots=True)
class NewClip:
    """The clip of a zone. `file` is in the exam's folder, empty where none could be made; the clip goes from frame `first` to frame `last`.

    `by` is who started it, the capture itself or the operator; `quality` is the mean of the clip's scores, 0 to 100.
    """

    zone: str
    file: str
    sha256: str
    bytes: int
    first: int
    last: int
    by: Literal["itself", "operator"]
    overridden: tuple[str, ...]
    quality: float
    assessment: Assessment | None = None


@dataclass(frozen=True, slots=True)
class ClipRecord:
    """A clip as recorded; see `ClipRow`. `simulated`: frames of no patient are in it."""

    id: str
    exam_id: str
    zone: str
    file: str
    sha256: str
    bytes: int
    file_state: str
    first: int
    last: int
    by: Literal["itself", "operator"]
    overridden: tuple[str, ...]
    quality: float
    kept_at: datetime
    superseded_at: datetime | None
    assessment: Assessment | None = None
    simulated: bool = False

    @property
    def machine(self) -> str:
        """What made its frames; empty where that was not recorded."""
        return self.assessment.machine if self.assessment else ""

    @property
    def machine_mark(self) -> str:
        return self.assessment.machine_mark if self.assessment else ""


class Clips:
    """Clips are read here; they are added with their zone, by `edge.records.exams.exams.Exams.keep`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, clip_id: str) -> ClipRecord:
        """One clip.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.read() as session:
            row = found(session.get(ClipRow, clip_id), "clip", clip_id)
            exam = session.get_one(ExamRow, row.exam_id)
            return next(clip for clip in clip_records(session, exam) if clip.id == clip_id)


def clip_records(session: Session, exam: ExamRow) -> tuple[ClipRecord, ...]:
    """Every clip of an exam in the order of recording, including those of zones that were taken again."""
    rows = _rows(session, exam)
    current = _current(rows)
    return tuple(_record(exam, row, is_current=row in current) for row in rows)


def store_assessments(session: Session, exam: ExamRow) -> None:
    """Stores with each clip the assessment that only record version 1 of the zones holds; to be called before the zones change."""
    for row in _current(_rows(session, exam)):
        if row.assessment is None:
            row.assessment = to_json(_of_release_before(exam, row))


def clip_row(exam_id: str, clip: NewClip, now: datetime) -> ClipRow:
    """The row of a clip that is added."""
    return ClipRow(
        id=new_id(),
        exam_id=exam_id,
        zone=clip.zone,
        file=clip.file,
        sha256=clip.sha256,
        bytes=clip.bytes,
        file_state=WHOLE if clip.file else ABSENT,
        first=clip.first,
        last=clip.last,
        by=clip.by,
        overridden=list(clip.overridden),
        quality=clip.quality,
        kept_at=now,
        assessment=to_json(clip.assessment),
    )


def _rows(session: Session, exam: ExamRow) -> Sequence[ClipRow]:
    return session.scalars(select(ClipRow).where(ClipRow.exam_id == exam.id).order_by(ClipRow.id)).all()


def _current(rows: Sequence[ClipRow]) -> list[ClipRow]:
    """The newest clip of each zone that is not superseded."""
    return list({row.zone: row for row in rows if row.superseded_at is None}.values())


def _record(exam: ExamRow, row: ClipRow, *, is_current: bool) -> ClipRecord:
    assessment = from_json(row.assessment) or (_of_release_before(exam, row) if is_current else None)
    return stored(ClipRecord, row, assessment=assessment, simulated=exam.simulated if assessment is None else assessment.simulated)


def _of_release_before(exam: ExamRow, row: ClipRow) -> Assessment | None:
    return assessment_in(exam.zones, row.zone)
