"""The findings of all clips: lists and decisions."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from edge.records.audit.entry import Value
from edge.records.errors import RecordStale
from edge.records.exams.assessment import Assessment, from_json
from edge.records.exams.file import Sidecar, file_of, nothing
from edge.records.exams.finding import OPEN, Decided, Decision, NewFinding, StoredFinding
from edge.records.ids import new_id
from edge.records.rows import expect, found, stored
from edge.records.schema import ClipRow, ExamRow, FindingRow
from edge.records.store import Store


class Findings:
    """Every public method is one transaction; findings are added with their clip, by `edge.records.exams.exams.Exams.keep`."""

    def __init__(self, store: Store, sidecar: Sidecar = nothing) -> None:
        """`sidecar` writes `exam.json` before the commit; where it raises, nothing is changed."""
        self._store, self._sidecar = store, sidecar

    def get(self, finding_id: str) -> StoredFinding:
        """One finding.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.read() as session:
            return stored(StoredFinding, found(session.get(FindingRow, finding_id), "finding", finding_id))

    def newest(
        self, limit: int = 50, before_id: str | None = None, decision: str | None = None, protocols: Collection[str] | None = None
    ) -> tuple[StoredFinding, ...]:
        """The newest first, of those older than `before_id`; of one decision, and of exams under some protocols, or of any."""
        query = select(FindingRow).order_by(FindingRow.id.desc()).limit(limit)
        if protocols is not None:
            query = query.join(ExamRow, FindingRow.exam_id == ExamRow.id).where(ExamRow.protocol.in_(protocols))
        if before_id is not None:
            query = query.where(FindingRow.id < before_id)
        if decision is not None:
            query = query.where(FindingRow.decision == decision)
        with self._store.read() as session:
            return tuple(stored(StoredFinding, row) for row in session.scalars(query))

    def decided(self, protocols: Collection[str] | None = None) -> tuple[Decided, ...]:
        """Counts of the decisions on the findings of real patients, of exams under some protocols or under any.

        A finding counts once its exam is signed: until then a decision can be replaced.
        """
        what = (FindingRow.key, FindingRow.verdict, FindingRow.decision, FindingRow.decided)
        query = select(*what, func.count()).join(ExamRow, FindingRow.exam_id == ExamRow.id).group_by(*what)
        query = query.where(FindingRow.superseded_at.is_(None), ExamRow.simulated.is_(False), ExamRow.signed_at.is_not(None))
        query = query.where(FindingRow.decision != OPEN)
        if protocols is not None:
            query = query.where(ExamRow.protocol.in_(protocols))
        with self._store.read() as session:
            return tuple(Decided(*row) for row in session.execute(query))

    def assessments(self, clip_ids: Collection[str]) -> dict[str, Assessment]:
        """The assessments of clips by the clip's id, of those that have one of their own."""
        query = select(ClipRow.id, ClipRow.assessment).where(ClipRow.id.in_(clip_ids))
        with self._store.read() as session:
            found = ((clip_id, from_json(stored_as)) for clip_id, stored_as in session.execute(query))
            return {clip_id: assessment for clip_id, assessment in found if assessment is not None}

    def decide(
        self, actor: str, finding_id: str, decision: Decision, verdict: str | None, seen: int, *, while_in: Collection[str]
    ) -> StoredFinding:
        """Records a person's decision on a finding; the previous decision stays in the audit trail.

        `while_in` are the states of its exam in which this is allowed.

        Raises:
            RecordUnknown, RecordStale: there is no such finding, or it or its exam has changed.
        """
        with self._store.write() as change:
            row = found(change.session.get(FindingRow, finding_id), "finding", finding_id)
            version = expect("finding", row.version, seen)
            exam = found(change.session.get(ExamRow, row.exam_id), "exam", row.exam_id)
            if exam.state not in while_in or row.superseded_at is not None:
                raise RecordStale(f"The exam is now {exam.state}, or the zone was taken again", "Load the exam again")
            before: dict[str, Value] = {
                "decision": row.decision,
                "verdict": row.decided,
                "by": row.decided_by,
                "at": row.decided_at.isoformat() if row.decided_at else None,
            }
            row.decision, row.decided, row.decided_by, row.decided_at, row.version = decision, verdict, actor, change.now, version
            detail: dict[str, Value] = {
                "exam": row.exam_id,
                "zone": row.zone,
                "key": row.key,
                "verdict": verdict,
                "before": before,
            }
            change.session.flush()
            self._sidecar(file_of(change.session, exam))
            change.log(actor, f"finding.{decision.replace('_', '-')}", f"finding/{finding_id}", detail)
            return stored(StoredFinding, row)


def add_findings(session: Session, clip: ClipRow, stated: Collection[NewFinding], now: datetime) -> None:
    """Adds the rows, within the transaction of the zone."""
    session.add_all(
        FindingRow(
            id=new_id(),
            exam_id=clip.exam_id,
            clip_id=clip.id,
            zone=clip.zone,
            key=one.key,
            release=one.release,
            probability=one.probability,
            logit=one.logit,
            prediction=list(one.prediction),
            verdict=one.verdict,
            reason=one.reason,
            code=one.code,
            novelty=one.novelty,
            said_at=now,
        )
        for one in stated
    )
