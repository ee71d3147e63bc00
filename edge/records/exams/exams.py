"""Exams: the truth of what was taken, by whom and of whom. Each change is one transaction with its audit entry."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from edge.records.audit.entry import Detail, Value
from edge.records.errors import RecordStale
from edge.records.exams.clips import ClipRecord, NewClip, add_clip
from edge.records.exams.findings import OPEN, NewFinding, StoredFinding, add_findings
from edge.records.exams.forms import DRAFT, PRELIMINARY, ExamBrief, NewExam, Said, Step, StoredExam
from edge.records.exams.patients import StoredPatient
from edge.records.ids import new_id, uid_of
from edge.records.rows import expect, found, kept
from edge.records.schema import ClipRow, ExamRow, FindingRow, PatientRow
from edge.records.store import Store, Transaction

Sidecar = Callable[[StoredExam, tuple[ClipRecord, ...]], None]


def nothing(_exam: StoredExam, _clips: tuple[ClipRecord, ...]) -> None: ...


class Exams:
    """Every public method is one transaction."""

    def __init__(self, store: Store, sidecar: Sidecar = nothing) -> None:
        """`sidecar` writes down elsewhere how an exam is about to be; where it raises nothing is changed."""
        self._store, self._sidecar = store, sidecar

    def get(self, exam_id: str) -> StoredExam:
        """One exam.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.read() as session:
            return _kept(session, found(session.get(ExamRow, exam_id), "exam", exam_id))

    def newest(
        self, limit: int = 50, before_id: str | None = None, state: str | None = None, protocols: Collection[str] | None = None
    ) -> tuple[StoredExam, ...]:
        """Those begun last first, of those begun before `before_id`; of one state, and under some protocols, or of any."""
        query = select(ExamRow, PatientRow).outerjoin(PatientRow, ExamRow.patient_id == PatientRow.id)
        query = query.order_by(ExamRow.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(ExamRow.id < before_id)
        if state is not None:
            query = query.where(ExamRow.state == state)
        if protocols is not None:
            query = query.where(ExamRow.protocol.in_(protocols))
        with self._store.read() as session:
            return tuple(_with(exam, patient) for exam, patient in session.execute(query))

    def briefs(self, exam_ids: Collection[str]) -> Mapping[str, ExamBrief]:
        """A few facts of each of some exams, by id."""
        columns = (ExamRow.id, ExamRow.protocol, ExamRow.state, ExamRow.qualified, ExamRow.over_read)
        query = select(*columns).where(ExamRow.id.in_(exam_ids))
        with self._store.read() as session:
            rows = session.execute(query).all()
        return {row.id: ExamBrief(row.id, row.protocol, row.state, row.qualified, tuple(row.over_read)) for row in rows}

    def findings(self, exam_id: str) -> tuple[StoredFinding, ...]:
        """Every finding of an exam in the order in which they were said, also those of zones that were taken again."""
        query = select(FindingRow).where(FindingRow.exam_id == exam_id).order_by(FindingRow.id)
        with self._store.read() as session:
            return tuple(kept(StoredFinding, row) for row in session.scalars(query))

    def clips(self, exam_id: str) -> tuple[ClipRecord, ...]:
        """Every clip of an exam in the order in which they were kept, also those of zones that were taken again."""
        with self._store.read() as session:
            return _clips(session, exam_id)

    def undecided(self, exam_id: str) -> tuple[StoredFinding, ...]:
        """The findings that nobody has decided on, of zones as they were taken last."""
        return tuple(each for each in self.findings(exam_id) if each.decision == OPEN and each.superseded_at is None)

    def begin(self, actor: str, new: NewExam) -> StoredExam:
        """A draft, with no zone examined.

        Raises:
            RecordUnknown: there is no such patient.
        """
        with self._store.write() as change:
            if new.patient_id is not None:
                found(change.session.get(PatientRow, new.patient_id), "patient", new.patient_id)
            exam_id = new_id()
            row = ExamRow(
                id=exam_id,
                study_uid=uid_of(exam_id),
                folder=new.folder,
                protocol=new.protocol,
                protocol_version=new.protocol_version,
                protocol_digest=new.protocol_digest,
                state=DRAFT,
                zones=dict(new.zones),
                context=dict(new.context),
                emergency=new.emergency,
                simulated=new.simulated,
                qualified=new.qualified,
                operator_id=new.operator_id,
                operator=new.operator,
                patient_id=new.patient_id,
                over_read=[],
                begun_at=change.now,
            )
            change.session.add(row)
            change.session.flush()
            detail: dict[str, Value] = {
                "protocol": new.protocol,
                "protocol_version": new.protocol_version,
                "qualified": new.qualified,
                "emergency": new.emergency,
                "patient": new.patient_id,
            }
            return self._told(change, row, actor, "exam.begun", detail)

    def step(self, actor: str, exam_id: str, step: Step) -> StoredExam:
        """Another zone is selected, skipped or reopened.

        Raises:
            RecordUnknown, RecordStale: there is no such exam, or it is no draft by now.
        """
        return self._change(actor, exam_id, step, lambda _session, _now: None)

    def keep(self, actor: str, exam_id: str, step: Step, clip: NewClip, said: Sequence[NewFinding], *, simulated: bool) -> StoredExam:
        """A zone is done: the zones, its clip, whose file is durable by now, and what the model says of it, at once or not at all.

        Raises:
            RecordUnknown, RecordStale: there is no such exam, or it is no draft by now.
        """

        def add(session: Session, now: datetime) -> None:
            row = add_clip(session, exam_id, clip, now)
            session.flush()
            add_findings(session, row, said, now)

        return self._change(actor, exam_id, step, add, simulated=simulated)

    def end(self, actor: str, exam_id: str, seen: int | None = None) -> StoredExam:
        """The draft is preliminary from now on.

        Raises:
            RecordUnknown, RecordStale: there is no such exam, it is no draft by now, or another version than the one `seen`.
        """
        with self._store.write() as change:
            row = _draft(change.session, exam_id)
            row.version = expect("exam", row.version, seen)
            row.state, row.ended_at = PRELIMINARY, change.now
            return self._told(change, row, actor, "exam.ended", {"state": PRELIMINARY, "qualified": row.qualified})

    def tell_context(self, actor: str, exam_id: str, context: Said, seen: int, *, while_in: Sequence[str]) -> StoredExam:
        """Says anew what is known of the patient's state; the audit names which parts of it.

        Raises:
            RecordUnknown, RecordStale: there is no such exam, it is in another state by now, or of another version.
        """
        with self._store.write() as change:
            row = _in_state(change.session, exam_id, while_in)
            row.version = expect("exam", row.version, seen)
            changed = sorted(name for name in {*row.context, *context} if row.context.get(name) != context.get(name))
            row.context = dict(context)
            return self._told(change, row, actor, "exam.context-told", {"changed": list(changed), "version": row.version})

    def name_patient(self, actor: str, exam_id: str, patient_id: str, seen: int, *, while_in: Sequence[str]) -> StoredExam:
        """Says whose exam it is; both the one before, if any, and this one stay in the audit, by their ids.

        Raises:
            RecordUnknown, RecordStale: there is no such exam or patient, it is in another state by now, or of another version.
        """
        with self._store.write() as change:
            found(change.session.get(PatientRow, patient_id), "patient", patient_id)
            row = _in_state(change.session, exam_id, while_in)
            row.version = expect("exam", row.version, seen)
            detail: dict[str, Value] = {"before": row.patient_id, "patient": patient_id, "version": row.version}
            row.patient_id = patient_id
            return self._told(change, row, actor, "exam.patient-named", detail)

    def exported(self, actor: str, exam_id: str, files: int) -> None:
        """Notes that an exam was copied out of the records.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.write() as change:
            found(change.session.get(ExamRow, exam_id), "exam", exam_id)
            change.log(actor, "exam.exported", f"exam/{exam_id}", {"files": files})

    def _change(
        self, actor: str, exam_id: str, step: Step, more: Callable[[Session, datetime], None], *, simulated: bool = False
    ) -> StoredExam:
        with self._store.write() as change:
            row = _draft(change.session, exam_id)
            row.zones = dict(step.zones)
            row.qualified, row.simulated = row.qualified and step.qualified, row.simulated or simulated
            row.version += 1
            if step.again is not None:
                _supersede(change.session, exam_id, step.again, change.now)
            more(change.session, change.now)
            return self._told(change, row, actor, step.act, step.detail)

    def _told(self, change: Transaction, row: ExamRow, actor: str, act: str, detail: Detail) -> StoredExam:
        """Writes the exam down beside the records as it is about to be, and its audit entry as the last of the transaction."""
        change.session.flush()
        exam = _kept(change.session, row)
        self._sidecar(exam, _clips(change.session, row.id))
        change.log(actor, act, f"exam/{row.id}", detail)
        return exam


def _clips(session: Session, exam_id: str) -> tuple[ClipRecord, ...]:
    rows = session.scalars(select(ClipRow).where(ClipRow.exam_id == exam_id).order_by(ClipRow.id))
    return tuple(kept(ClipRecord, row) for row in rows)


def _draft(session: Session, exam_id: str) -> ExamRow:
    return _in_state(session, exam_id, (DRAFT,))


def _in_state(session: Session, exam_id: str, states: Sequence[str]) -> ExamRow:
    row = found(session.get(ExamRow, exam_id), "exam", exam_id)
    if row.state not in states:
        raise RecordStale(f"The exam is {row.state} by now, and no longer {' or '.join(states)}", "Look at it again")
    return row


def _supersede(session: Session, exam_id: str, zone: str, now: datetime) -> None:
    for rows in (ClipRow, FindingRow):
        mine = (rows.exam_id == exam_id) & (rows.zone == zone) & rows.superseded_at.is_(None)
        session.execute(update(rows).where(mine).values(superseded_at=now))


def _kept(session: Session, row: ExamRow) -> StoredExam:
    return _with(row, session.get(PatientRow, row.patient_id) if row.patient_id else None)


def _with(row: ExamRow, patient: PatientRow | None) -> StoredExam:
    return kept(StoredExam, row, patient=None if patient is None else kept(StoredPatient, patient))
