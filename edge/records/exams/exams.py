"""Exams: the record of what was taken, by whom and of whom. Each change is one transaction with its audit entry."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from edge.records.audit.entry import Detail, Value
from edge.records.columns import Json
from edge.records.errors import RecordStale, RecordUnknown
from edge.records.exams.clips import ClipRecord, NewClip, clip_records, clip_row, store_assessments
from edge.records.exams.context import PatientContext
from edge.records.exams.facts import DRAFT, PRELIMINARY, ExamFacts, NewExam
from edge.records.exams.file import ExamFile, Sidecar, file_of, nothing
from edge.records.exams.finding import OPEN, NewFinding, StoredFinding
from edge.records.exams.findings import add_findings
from edge.records.exams.forms import ExamBrief, Step, StoredExam, exam_row, merged, stored_exam
from edge.records.exams.order import OrderBegun
from edge.records.exams.protocol_texts import ProtocolText, store_text
from edge.records.exams.zones_v1 import downgraded, finding_v1, sealed, states_of
from edge.records.ids import SHORTEST_ID, fits, new_id, uid_of
from edge.records.rows import expect, found, stored
from edge.records.schema import ClipRow, ExamRow, FindingRow, PatientRow
from edge.records.store import Store, Transaction


class Exams:
    """Every public method is one transaction."""

    def __init__(self, store: Store, sidecar: Sidecar = nothing) -> None:
        """`sidecar` writes `exam.json` before the commit; where it raises, nothing is changed."""
        self._store, self._sidecar = store, sidecar

    def get(self, exam_id: str) -> StoredExam:
        """One exam.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.read() as session:
            return stored_exam(session, found(session.get(ExamRow, exam_id), "exam", exam_id))

    def id_of(self, part: str) -> str:
        """The id of the one exam whose id begins or ends with `part`, of at least SHORTEST_ID characters.

        The beginning of an id is its time, so exams of one hour have it in common; the end tells them apart.

        Raises:
            RecordUnknown: there is none, or more than one.
        """
        text = part.strip().lower()
        with self._store.read() as session:
            ids = session.scalars(select(ExamRow.id).where(fits(ExamRow.id, text)).order_by(ExamRow.id.desc()).limit(2)).all()
        if len(text) < SHORTEST_ID or not ids:
            raise RecordUnknown(f"There is no exam {part}", f"Give an id of the list, or {SHORTEST_ID} or more characters of its end")
        if len(ids) > 1:
            raise RecordUnknown(f"More than one exam fits {part}, such as {' and '.join(ids)}", "Give more characters of its id")
        return ids[0]

    def newest(
        self, limit: int = 50, before_id: str | None = None, state: str | None = None, protocols: Collection[str] | None = None
    ) -> tuple[StoredExam, ...]:
        """The last begun first, of those begun before `before_id`; of one state, and under some protocols, or of any."""
        query = select(ExamRow, PatientRow).outerjoin(PatientRow, ExamRow.patient_id == PatientRow.id)
        query = query.order_by(ExamRow.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(ExamRow.id < before_id)
        if state is not None:
            query = query.where(ExamRow.state == state)
        if protocols is not None:
            query = query.where(ExamRow.protocol.in_(protocols))
        with self._store.read() as session:
            return tuple(StoredExam.of(exam, patient) for exam, patient in session.execute(query))

    def of_patient(self, patient_id: str, protocols: Collection[str] | None = None) -> tuple[StoredExam, ...]:
        """The exams of a patient, the first begun first; under some protocols, or of any."""
        query = select(ExamRow, PatientRow).join(PatientRow, ExamRow.patient_id == PatientRow.id)
        query = query.where(PatientRow.id == patient_id).order_by(ExamRow.id)
        if protocols is not None:
            query = query.where(ExamRow.protocol.in_(protocols))
        with self._store.read() as session:
            return tuple(StoredExam.of(exam, patient) for exam, patient in session.execute(query))

    def briefs(self, exam_ids: Collection[str]) -> Mapping[str, ExamBrief]:
        """A few facts of each of these exams, by id."""
        columns = (ExamRow.id, ExamRow.protocol, ExamRow.state, ExamRow.qualified, ExamRow.over_read, ExamRow.simulated)
        query = select(*columns).where(ExamRow.id.in_(exam_ids))
        with self._store.read() as session:
            rows = session.execute(query).all()
        return {row.id: ExamBrief(row.id, row.protocol, row.state, row.qualified, tuple(row.over_read), row.simulated) for row in rows}

    def findings(self, exam_id: str) -> tuple[StoredFinding, ...]:
        """Every finding of an exam, the oldest first, including those of zones that were taken again."""
        query = select(FindingRow).where(FindingRow.exam_id == exam_id).order_by(FindingRow.id)
        with self._store.read() as session:
            return tuple(stored(StoredFinding, row) for row in session.scalars(query))

    def clips(self, exam_id: str) -> tuple[ClipRecord, ...]:
        """Every clip of an exam, the oldest first, including those of zones that were taken again."""
        with self._store.read() as session:
            row = session.get(ExamRow, exam_id)
            return clip_records(session, row) if row is not None else ()

    def file(self, exam_id: str) -> ExamFile:
        """The exam as `exam.json` states it.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.read() as session:
            return file_of(session, found(session.get(ExamRow, exam_id), "exam", exam_id))

    def undecided(self, exam_id: str) -> tuple[StoredFinding, ...]:
        """The findings without a decision, of each zone as it was last taken."""
        return tuple(each for each in self.findings(exam_id) if each.decision == OPEN and each.superseded_at is None)

    def begun_studies(self, study_uids: Collection[str]) -> Mapping[str, str]:
        """Of these studies those that are exams, each with the id of its exam."""
        with self._store.read() as session:
            query = select(ExamRow.study_uid, ExamRow.id).where(ExamRow.study_uid.in_(study_uids))
            return {row.study_uid: row.id for row in session.execute(query)}

    def begin(self, actor: str, new: NewExam, zone_states: Json, protocol: ProtocolText | None = None, study_uid: str = "") -> StoredExam:
        """Begins a draft, with no zone examined; the text of its `protocol` is stored with it. `study_uid`: as it was scheduled, if it was.

        Raises:
            RecordUnknown: there is no such patient.
            OrderBegun: an exam of this study was begun already.
        """
        with self._store.write() as change:
            if new.patient_id is not None:
                found(change.session.get(PatientRow, new.patient_id), "patient", new.patient_id)
            if protocol is not None:
                store_text(change, protocol)
            _refuse_begun(change.session, study_uid)
            exam_id = new_id()
            facts = ExamFacts(**dict(new), id=exam_id, study_uid=study_uid or uid_of(exam_id), state=DRAFT, begun_at=change.now)
            row = exam_row(facts, zone_states, downgraded(facts, zone_states, {}, {}))
            change.session.add(row)
            return self._recorded(change, row, actor, "exam.begun", new.audited)

    def step(self, actor: str, exam_id: str, step: Step) -> StoredExam:
        """Selects, skips or reopens a zone.

        Raises:
            RecordUnknown, RecordStale: there is no such exam, or it is no longer a draft.
        """
        return self._change(actor, exam_id, step, lambda _session, _now: {})

    def keep(self, actor: str, exam_id: str, step: Step, clip: NewClip, stated: Sequence[NewFinding], *, simulated: bool) -> StoredExam:
        """Completes a zone: its state, its clip, whose file is already durable, and the model's findings, all of them or nothing.

        Raises:
            RecordUnknown, RecordStale: there is no such exam, or it is no longer a draft.
        """

        def add(session: Session, now: datetime) -> Mapping[str, Json]:
            row = clip_row(exam_id, clip, now)
            session.add(row)
            session.flush()
            add_findings(session, row, stated, now)
            return {} if clip.assessment is None else {clip.zone: finding_v1(clip.assessment, stated)}

        return self._change(actor, exam_id, step, add, simulated=simulated)

    def end(self, actor: str, exam_id: str, seen: int | None = None) -> StoredExam:
        """Makes the draft preliminary.

        Raises:
            RecordUnknown, RecordStale: there is no such exam, it is no longer a draft, or its version is not `seen`.
        """
        with self._store.write() as change:
            row = _draft(change.session, exam_id)
            row.version = expect("exam", row.version, seen)
            row.state, row.ended_at = PRELIMINARY, change.now
            return self._recorded(change, row, actor, "exam.ended", {"state": PRELIMINARY, "qualified": row.qualified})

    def state_context(self, actor: str, exam_id: str, context: PatientContext, seen: int, *, while_in: Sequence[str]) -> StoredExam:
        """Replaces the stated condition of the patient; the audit names the parts that changed.

        Raises:
            RecordUnknown, RecordStale: there is no such exam, it is in another state now, or has another version.
        """
        with self._store.write() as change:
            row = _in_state(change.session, exam_id, while_in)
            row.version = expect("exam", row.version, seen)
            after = context.model_dump(mode="json")
            changed = sorted(name for name in {*row.context, *after} if row.context.get(name) != after.get(name))
            row.context = after
            return self._recorded(change, row, actor, "exam.context-told", {"changed": list(changed), "version": row.version})

    def name_patient(self, actor: str, exam_id: str, patient_id: str, seen: int, *, while_in: Sequence[str]) -> StoredExam:
        """States whose exam it is; the previous patient, if any, and this one stay in the audit, by their ids.

        Raises:
            RecordUnknown, RecordStale: there is no such exam or patient, it is in another state now, or has another version.
        """
        with self._store.write() as change:
            found(change.session.get(PatientRow, patient_id), "patient", patient_id)
            row = _in_state(change.session, exam_id, while_in)
            row.version = expect("exam", row.version, seen)
            detail: dict[str, Value] = {"before": row.patient_id, "patient": patient_id, "version": row.version}
            row.patient_id = patient_id
            return self._recorded(change, row, actor, "exam.patient-named", detail)

    def exported(self, actor: str, exam_id: str, files: int, receiver: str = "") -> None:
        """Records that an exam was copied out of the records, and for whom where that is known.

        Raises:
            RecordUnknown: there is none with this id.
        """
        with self._store.write() as change:
            found(change.session.get(ExamRow, exam_id), "exam", exam_id)
            change.log(actor, "exam.exported", f"exam/{exam_id}", {"files": files} | ({"receiver": receiver} if receiver else {}))

    def _change(
        self, actor: str, exam_id: str, step: Step, more: Callable[[Session, datetime], Mapping[str, Json]], *, simulated: bool = False
    ) -> StoredExam:
        with self._store.write() as change:
            row = _draft(change.session, exam_id)
            store_assessments(change.session, row)
            row.qualified, row.simulated = row.qualified and step.qualified, row.simulated or simulated
            row.version += 1
            if step.again is not None:
                _supersede(change.session, exam_id, step.again, change.now)
            _set_states(row, step.zone_states, more(change.session, change.now))
            return self._recorded(change, row, actor, step.act, step.detail)

    def _recorded(self, change: Transaction, row: ExamRow, actor: str, act: str, detail: Detail) -> StoredExam:
        """Writes `exam.json` as the exam will be, and then the audit entry, the last one of the transaction."""
        change.session.flush()
        self._sidecar(file_of(change.session, row))
        change.log(actor, act, f"exam/{row.id}", detail)
        return stored_exam(change.session, row)


def _refuse_begun(session: Session, study_uid: str) -> None:
    if (exam_id := session.scalar(select(ExamRow.id).where(ExamRow.study_uid == study_uid))) is not None:
        fix = "Open that exam, or ask for a new order"
        raise OrderBegun("Exam {exam} was begun for this order already", fix, says="order_begun", exam=exam_id)


def _set_states(row: ExamRow, zone_states: Json, new_answers: Mapping[str, Json]) -> None:
    """Sets the states in both record versions."""
    states = merged(states_of(row.zones, row.zone_states), zone_states)
    row.zones = downgraded(row, states, row.zones, new_answers)
    row.zone_states = sealed(states, row.zones)


def _draft(session: Session, exam_id: str) -> ExamRow:
    return _in_state(session, exam_id, (DRAFT,))


def _in_state(session: Session, exam_id: str, states: Sequence[str]) -> ExamRow:
    row = found(session.get(ExamRow, exam_id), "exam", exam_id)
    if row.state not in states:
        raise RecordStale(f"The exam is now {row.state}, and no longer {' or '.join(states)}", "Load the exam again")
    return row


def _supersede(session: Session, exam_id: str, zone: str, now: datetime) -> None:
    for rows in (ClipRow, FindingRow):
        mine = (rows.exam_id == exam_id) & (rows.zone == zone) & rows.superseded_at.is_(None)
        session.execute(update(rows).where(mine).values(superseded_at=now))
