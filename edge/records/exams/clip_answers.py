"""What one release stated in the ended exams of real patients, clip by clip: memory does not grow with their number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import JSON, func, select

from edge.records.exams.answered import AT_ONCE, COUNTED
from edge.records.exams.assessment import Assessment, from_json
from edge.records.schema import ClipRow, ExamRow, FindingRow
from edge.records.store import Store


@dataclass(frozen=True, slots=True)
class AnsweredClip:
    """A clip that counts: its assessment, where one was recorded, and the probability of each finding by key."""

    assessment: Assessment | None
    probabilities: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ClipsOfExam:
    """An exam with its clips of the release; see `ExamRow`."""

    id: str
    begun_at: datetime
    patient_id: str | None
    clips: tuple[AnsweredClip, ...]


class ClipAnswers:
    """Of a release, by its ident."""

    def __init__(self, store: Store, release: str) -> None:
        self._store = store
        self._of = (*COUNTED, FindingRow.release == release, FindingRow.superseded_at.is_(None))

    def count(self) -> int:
        """How many exams `each` gives."""
        query = select(func.count(ExamRow.id.distinct())).join(FindingRow, FindingRow.exam_id == ExamRow.id).where(*self._of)
        with self._store.read() as session:
            return session.scalar(query) or 0

    def each(self) -> Iterator[ClipsOfExam]:
        """The exams in the order in which they were begun, as they are at this moment. One without an answer of the release is none."""
        found = func.json_group_object(FindingRow.key, FindingRow.probability, type_=JSON)
        query = select(ExamRow.id, ExamRow.begun_at, ExamRow.patient_id, ClipRow.assessment, found)
        query = query.join(ClipRow, ClipRow.exam_id == ExamRow.id).join(FindingRow, FindingRow.clip_id == ClipRow.id).where(*self._of)
        query = query.group_by(ExamRow.id, ClipRow.id).order_by(ExamRow.id, ClipRow.id)
        with self._store.read() as session:
            rows = session.execute(query.execution_options(yield_per=AT_ONCE))
            for (exam_id, begun_at, patient_id), of_exam in groupby(rows, lambda row: row[:3]):
                yield ClipsOfExam(exam_id, begun_at, patient_id, tuple(_clip(row[3], row[4]) for row in of_exam))


def _clip(assessment: object, probabilities: Mapping[str, float | None]) -> AnsweredClip:
    """A probability that is not a number is stored as null."""
    return AnsweredClip(from_json(assessment), {key: value for key, value in probabilities.items() if value is not None})


def newest_release(store: Store) -> str | None:
    """The release of the last answer in an ended exam of a real patient; None without one."""
    query = select(FindingRow.release).join(ExamRow, ExamRow.id == FindingRow.exam_id).where(*COUNTED)
    with store.read() as session:
        return session.scalar(query.order_by(ExamRow.id.desc(), FindingRow.id.desc()).limit(1))
