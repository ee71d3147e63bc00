"""Retention: clips of signed and sent exams make room when they are old or the disk gets full. Nothing else is ever removed.

The rows state "removed" in the same transaction as the audit entry, before the files go. A power cut between the two leaves files that no
row needs, and the next start removes them (`reconcile`). The other order would leave rows of clips that are silently gone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from edge.disk.durable import sync_folder
from edge.disk.layout import DataFolder
from edge.disk.plain_file import inside
from edge.disk.room import free_bytes
from edge.records.audit.entry import Detail
from edge.records.clock import OLDEST, is_older
from edge.records.errors import RecordStale
from edge.records.exams.clips import WHOLE
from edge.records.exams.reconcile import DAMAGED, REMOVED
from edge.records.notices import APPLIANCE
from edge.records.schema import ClipRow, ExamRow
from edge.records.store import Store

SIGNED = ("final", "amended")
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Policy:
    """Clips go `keep_days` after their exam ended (0: never for age, as while the clock is in doubt), or earlier, oldest first, for room.

    They make room while less than `free_floor_mb` is free.
    """

    keep_days: int
    free_floor_mb: int


@dataclass(frozen=True, slots=True)
class Removal:
    """The clips of one exam to remove, and why: `age` or `room`."""

    exam_id: str
    folder: str
    ended_at: datetime
    clips: int
    bytes: int
    why: str


def due(store: Store, data_dir: Path, policy: Policy) -> tuple[Removal, ...]:
    """The removals that are due now, oldest first.

    Raises:
        RecordsFull, RecordsUnusable: the records cannot be read.
        OSError: the disk does not report how full it is.
    """
    now, age = store.now(), timedelta(days=policy.keep_days)
    short = policy.free_floor_mb * MB - free_bytes(data_dir)
    removals = []
    for exam, clips in _removable(store):
        assert exam.ended_at is not None
        old = policy.keep_days > 0 and is_older(exam.ended_at, now, age)
        if not old and short <= 0:
            if exam.ended_at < OLDEST:
                continue  # its age is unknown
            break  # the others are younger
        size = sum(clip.bytes for clip in clips)
        short -= size
        removals.append(Removal(exam.id, exam.folder, exam.ended_at, len(clips), size, "age" if old else "room"))
    return tuple(removals)


def remove(store: Store, data_dir: Path, removal: Removal, by: str = APPLIANCE) -> None:
    """Removes the clips of an exam; its rows, findings and reports stay.

    Raises:
        RecordStale: the exam must be sent again.
        RecordsFull: the disk refuses it.
        OSError: a file cannot be removed; the next start tries again.
    """
    with store.write() as change:
        exam = change.session.get_one(ExamRow, removal.exam_id)
        if exam.state not in SIGNED or exam.sent_at is None:
            raise RecordStale(f"The exam {removal.folder} was changed in the meantime", "Leave it, or send it again first")
        clips = _clips_of(change.session, exam.id)
        for clip in clips:
            clip.file_state = REMOVED
        exam.removed_at, exam.version = change.now, exam.version + 1
        detail: Detail = {"clips": [clip.id for clip in clips], "bytes": removal.bytes, "why": removal.why}
        change.log(by, "clips.removed", f"exam/{exam.id}", detail)
    exams = DataFolder(data_dir).exams
    for path in (inside(exams, removal.folder, clip.file) for clip in clips):
        if path is not None and path.exists():
            path.unlink()
            sync_folder(path.parent)


def _removable(store: Store) -> Iterator[tuple[ExamRow, Sequence[ClipRow]]]:
    """Signed and sent exams that still have clips, in the order in which they ended."""
    query = select(ExamRow).where(ExamRow.state.in_(SIGNED), ExamRow.sent_at.is_not(None), ExamRow.removed_at.is_(None))
    with store.read() as session:
        for exam in session.scalars(query.where(ExamRow.ended_at.is_not(None)).order_by(ExamRow.ended_at)):
            if clips := _clips_of(session, exam.id):
                yield exam, clips


def _clips_of(session: Session, exam_id: str) -> Sequence[ClipRow]:
    query = select(ClipRow).where(ClipRow.exam_id == exam_id, ClipRow.file != "", ClipRow.file_state.in_((WHOLE, DAMAGED)))
    return session.scalars(query).all()
