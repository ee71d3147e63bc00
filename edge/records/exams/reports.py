"""Reports as issued. Signing or amending changes the exam and stores the report in one transaction: both happen, or neither does."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from edge.records.audit.entry import Value
from edge.records.errors import RecordUnknown
from edge.records.exams.clips import ClipRecord, clip_records
from edge.records.exams.file import Sidecar, file_of, nothing
from edge.records.exams.finding import Decision, StoredFinding
from edge.records.exams.forms import StoredExam, stored_exam
from edge.records.exams.reviews import StoredReview, reviews_of
from edge.records.ids import new_id
from edge.records.outbox.deliveries import queue
from edge.records.rows import expect, found, stored
from edge.records.schema import ExamRow, FindingRow, ReportRow
from edge.records.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report as issued; see `ReportRow`."""

    id: str
    exam_id: str
    number: int
    status: str
    body: str
    sha256: str
    made_at: datetime
    made_by: str
    why: str


@dataclass(frozen=True, slots=True)
class Material:
    """All that is recorded of an exam at one moment, without superseded findings. `number` is that of the next report."""

    exam: StoredExam
    findings: tuple[StoredFinding, ...]
    clips: tuple[ClipRecord, ...]
    reviews: tuple[StoredReview, ...]
    number: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """A report to issue: from then on the exam has the state `status`. `body` is canonical JSON."""

    status: str
    body: str
    over_read: Sequence[str]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Redecided:
    """The decision of an amendment on one finding."""

    finding_id: str
    decision: Decision
    verdict: str | None = None


Compose = Callable[[Material], Issued]
"""Makes the report, or refuses by raising; it is called within the transaction, so that nothing it read can change in between."""


class Reports:
    """Every public method is one transaction."""

    def __init__(self, store: Store, sidecar: Sidecar = nothing, peers: Callable[[], Collection[str]] = tuple) -> None:
        """`sidecar` writes `exam.json` before the commit; where it raises, nothing is changed. `peers` get each report that is issued."""
        self._store, self._sidecar, self._peers = store, sidecar, peers

    def material(self, exam_id: str) -> Material:
        """The material of a report that is made now.

        Raises:
            RecordUnknown: there is no such exam.
        """
        now = self._store.now()
        with self._store.read() as session:
            return _material(session, found(session.get(ExamRow, exam_id), "exam", exam_id), now)

    def get(self, exam_id: str, number: int) -> StoredReport:
        """One report.

        Raises:
            RecordUnknown: the exam has no report of this number.
        """
        with self._store.read() as session:
            row = session.scalar(select(ReportRow).where(ReportRow.exam_id == exam_id, ReportRow.number == number))
            if row is None:
                raise RecordUnknown(f"Exam {exam_id} has no report {number}", "Choose one from the list of its reports")
            return stored(StoredReport, row)

    def of_exam(self, exam_id: str) -> tuple[StoredReport, ...]:
        """Every report that was issued, the first one first.

        Raises:
            RecordUnknown: there is no such exam.
        """
        with self._store.read() as session:
            found(session.get(ExamRow, exam_id), "exam", exam_id)
            rows = session.scalars(select(ReportRow).where(ReportRow.exam_id == exam_id).order_by(ReportRow.number))
            return tuple(stored(StoredReport, row) for row in rows)

    def issue(self, actor: str, exam_id: str, seen: int | None, compose: Compose, redecided: Sequence[Redecided] = ()) -> StoredReport:
        """Issues the next report of an exam, after the decisions in `redecided`.

        Raises:
            RecordUnknown, RecordStale: there is no such exam or finding, or the version of the exam is not `seen`.
            SonoEdgeError: what `compose` raises; then nothing is changed.
        """
        peers = self._peers()
        with self._store.write() as change:
            row = found(change.session.get(ExamRow, exam_id), "exam", exam_id)
            version = expect("exam", row.version, seen)
            for each in redecided:
                _decide(change, actor, exam_id, each)
            change.session.flush()
            material = _material(change.session, row, change.now)
            issued = compose(material)
            row.state, row.version, row.over_read, row.sent_at = issued.status, version, list(issued.over_read), None
            if row.signed_at is None:
                row.signed_at, row.signed_by = change.now, actor
            report = ReportRow(
                id=new_id(),
                exam_id=exam_id,
                number=material.number,
                status=issued.status,
                body=issued.body,
                sha256=hashlib.sha256(issued.body.encode()).hexdigest(),
                made_at=change.now,
                made_by=actor,
                why=issued.why,
            )
            change.session.add(report)
            change.session.flush()
            self._sidecar(file_of(change.session, row))
            detail: dict[str, Value] = {"number": report.number, "sha256": report.sha256, "over_read": list(issued.over_read)}
            change.log(actor, "exam.signed" if report.number == 1 else "exam.amended", f"exam/{exam_id}", detail)
            if not row.simulated:
                queue(change, actor, exam_id, report.number, peers)
            return stored(StoredReport, report)


def _material(session: Session, row: ExamRow, now: datetime) -> Material:
    findings = select(FindingRow).where(FindingRow.exam_id == row.id, FindingRow.superseded_at.is_(None)).order_by(FindingRow.id)
    last = session.scalar(select(func.max(ReportRow.number)).where(ReportRow.exam_id == row.id))
    return Material(
        exam=stored_exam(session, row),
        findings=tuple(stored(StoredFinding, each) for each in session.scalars(findings)),
        clips=clip_records(session, row),
        reviews=reviews_of(session, row.id),
        number=(last or 0) + 1,
        now=now,
    )


def _decide(change: Transaction, actor: str, exam_id: str, redecided: Redecided) -> None:
    row = found(change.session.get(FindingRow, redecided.finding_id), "finding", redecided.finding_id)
    if row.exam_id != exam_id or row.superseded_at is not None:
        raise RecordUnknown(f"Exam {exam_id} has no finding {redecided.finding_id}", "Choose one of the findings in its newest report")
    detail: dict[str, Value] = {
        "exam": exam_id,
        "zone": row.zone,
        "key": row.key,
        "decision": redecided.decision,
        "verdict": redecided.verdict,
        "before": {"decision": row.decision, "verdict": row.decided, "by": row.decided_by},
    }
    row.decision, row.decided, row.decided_by, row.decided_at = redecided.decision, redecided.verdict, actor, change.now
    row.version += 1
    change.log(actor, f"finding.{redecided.decision}", f"finding/{redecided.finding_id}", detail)
