"""Clips: the recordings of an exam's zones, also of zones that were taken again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from edge.records.ids import new_id
from edge.records.rows import found, kept
from edge.records.schema import ClipRow
from edge.records.store import Store

WHOLE, ABSENT = "whole", "absent"


@dataclass(frozen=True, slots=True)
class NewClip:
    """Of a zone: `file` lies in the exam's folder, empty where none could be made; `first` and `last` are the frames that are the clip.

    `by` is the capture itself, or the operator; `quality` is the mean of the clip's scores, 0 to 100.
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


@dataclass(frozen=True, slots=True)
class ClipRecord:
    """A clip as recorded; see `ClipRow`."""

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


class Clips:
    """Read here; added with the zone that they are of, by `edge.records.exams.exams.Exams.keep`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, clip_id: str) -> ClipRecord:
        """One clip.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.read() as session:
            return kept(ClipRecord, found(session.get(ClipRow, clip_id), "clip", clip_id))


def add_clip(session: Session, exam_id: str, clip: NewClip, now: datetime) -> ClipRow:
    """Adds the row, within the transaction of the zone."""
    row = ClipRow(
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
    )
    session.add(row)
    return row
