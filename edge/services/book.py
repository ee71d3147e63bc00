"""The book of exams: joins what is recorded with who is allowed to do what and when. The live exam, the API and the shell all use it."""

from functools import partial
from pathlib import Path
from typing import Literal

from edge.exam.course import Act, ExamState, after, states_for
from edge.exam.exam import Exam, ExamRefused
from edge.exam.exam_file import make_folder, repair_sidecar, write_sidecar
from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.stored import text_of
from edge.exam.reading import ExamReader
from edge.exam.review.showing import Shown, always
from edge.people.actor import Actor
from edge.people.permission import Permission, Verb
from edge.records.exams.clips import ClipRecord, Clips
from edge.records.exams.context import Identity, PatientContext
from edge.records.exams.exams import Exams
from edge.records.exams.facts import DRAFT, ExamStatement, NewExam
from edge.records.exams.file import Sidecar
from edge.records.exams.finding import Decision, StoredFinding
from edge.records.exams.findings import Findings
from edge.records.exams.forms import StoredExam
from edge.records.exams.patients import Patients, StoredPatient
from edge.records.schema import ANY
from edge.records.store import Store

LOOKED_AT = 20
"""So many of the newest exams have their `exam.json` compared with the record at a start: a cut leaves at most one that differs."""

EDITED: Decision = "edited"
Verdict = Literal["present", "absent", "unsure"]
NOTHING_STATED = ExamStatement()


class ExamBook:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, store: Store, exams: Path, shown: Shown = always) -> None:
        """`exams` holds the exams' folders; `shown` tells whether somebody is allowed to see what the model states of an exam."""
        self._store, self._folder = store, exams
        self.shown = shown
        self.sidecar: Sidecar = partial(write_sidecar, exams)
        self.exams = Exams(store, self.sidecar)
        self.findings, self.clips, self.patients = Findings(store, self.sidecar), Clips(store), Patients(store)

    def reader(self, catalogue: Catalogue) -> ExamReader:
        """Reads these exams, each with the protocol that it was begun under."""
        return ExamReader(self._store, catalogue)

    def path_of(self, exam: StoredExam) -> Path:
        """The exam's folder."""
        return self._folder / exam.folder

    def begin(
        self, actor: Actor, exam: Exam, patient: Identity | None = None, statement: ExamStatement = NOTHING_STATED, *, simulated: bool
    ) -> StoredExam:
        """Records an exam that begins; without the permission to scan alone it needs a review.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            ContextInvalid, PatientOther: what is stated of the patient cannot be.
            ExamNotStored, RecordsFull: the disk refuses it.
        """
        qualified = actor.require(Verb.SCAN, exam.protocol.id) is Permission.ALLOW
        context = statement.context.attributed(actor.name, self._store.now())
        known = self.add_patient(actor, patient) if patient else None
        text = text_of(exam.protocol)
        taken = {
            "folder": make_folder(self._folder, exam.protocol.id).name,
            "protocol": text.id,
            "protocol_version": text.version,
            "protocol_digest": text.digest,
            "simulated": simulated,
            "qualified": qualified,
            "operator_id": actor.operator_id,
            "operator": actor.name,
            "patient_id": known.id if known else None,
        }
        new = NewExam.model_validate({**statement.stated, "context": context, **taken})
        return self.exams.begin(actor.name, new, exam.as_record(), text)

    def draft(self) -> StoredExam | None:
        """The exam that is being taken."""
        return next(iter(self.exams.newest(1, state=DRAFT)), None)

    def mend(self) -> None:
        """Makes `exam.json` of the newest exams state what the records state.

        Raises:
            ExamNotStored: the disk refuses it.
        """
        for exam in self.exams.newest(LOOKED_AT):
            if self.path_of(exam).is_dir():
                repair_sidecar(self._folder, self.exams.file(exam.id))

    def get(self, actor: Actor, exam_id: str) -> StoredExam:
        """One exam; an actor who may only scan sees the one that is being taken.

        Raises:
            RecordUnknown: there is none with this id.
            NotAllowed: the actor is not allowed to see it.
        """
        exam = self.exams.get(exam_id)
        actor.require(Verb.SCAN if exam.state == DRAFT and not _reads(actor, exam) else Verb.READ, exam.protocol)
        return exam

    def end(self, actor: Actor, exam_id: str, seen: int | None = None) -> StoredExam:
        """Ends a draft; zones that are not examined stay so.

        Raises:
            ExamRefused, RecordStale: it was ended before, or changed since.
            RecordUnknown, NotAllowed: see `get`.
        """
        exam = self.get(actor, exam_id)
        actor.require(Verb.SCAN, exam.protocol)
        after(ExamState(exam.state), Act.END)
        return self.exams.end(actor.name, exam_id, seen)

    def state_context(self, actor: Actor, exam_id: str, context: PatientContext, seen: int) -> StoredExam:
        """States how the patient is.

        Raises:
            ContextInvalid: it cannot be.
            ExamRefused, RecordStale, RecordUnknown, NotAllowed: see `end`.
        """
        exam = self.get(actor, exam_id)
        actor.require(Verb.SCAN, exam.protocol)
        after(ExamState(exam.state), Act.TELL)
        attributed = context.attributed(actor.name, self._store.now())
        return self.exams.state_context(actor.name, exam_id, attributed, seen, while_in=states_for(Act.TELL))

    def name_patient(self, actor: Actor, exam_id: str, patient: Identity, seen: int) -> StoredExam:
        """States whose exam it is. Nothing is merged: the identifier of another person is refused, and a person decides.

        Raises:
            ContextInvalid, PatientOther: the identity cannot be, or is another's.
            ExamRefused, RecordStale, RecordUnknown, NotAllowed: see `end`.
        """
        exam = self.get(actor, exam_id)
        actor.require(Verb.SCAN, exam.protocol)
        after(ExamState(exam.state), Act.NAME)
        known = self.add_patient(actor, patient)
        return self.exams.name_patient(actor.name, exam_id, known.id, seen, while_in=states_for(Act.NAME))

    def add_patient(self, actor: Actor, patient: Identity) -> StoredPatient:
        """Adds somebody, or finds the very same person.

        Raises:
            ContextInvalid, PatientOther: the identity cannot be, or is another's.
        """
        return self.patients.add(actor.name, patient.person(self._store.now()))

    def correct_patient(self, actor: Actor, patient_id: str, patient: Identity, seen: int) -> StoredPatient:
        """Corrects who a patient is.

        Raises:
            RecordUnknown, RecordStale: there is none, or of another version.
            ContextInvalid, PatientOther: the identity cannot be, or is another's.
        """
        return self.patients.correct(actor.name, patient_id, patient.person(self._store.now()), seen)

    def decide(self, actor: Actor, finding_id: str, decision: Decision, verdict: Verdict | None, seen: int) -> StoredFinding:
        """Records what a person decides on a finding: accepted, rejected, edited with their own verdict, or not assessable.

        Raises:
            RecordUnknown, NotAllowed: there is none, or the actor is not allowed to decide on it.
            ExamRefused, RecordStale: its exam is in no state for it, its zone was taken again, or somebody else decided meanwhile.
        """
        finding = self.findings.get(finding_id)
        exam = self.get(actor, finding.exam_id)
        actor.require(Verb.DECIDE, exam.protocol)
        after(ExamState(exam.state), Act.DECIDE)
        if not self.shown(actor, exam):
            raise ExamRefused("What the model says of this exam is not shown to you yet", "Save your own reading of it first")
        if finding.superseded_at is not None:
            raise ExamRefused(f"Zone {finding.zone} was taken again after this finding", "Decide on the finding of the newer clip")
        if (verdict is not None) is not (decision == EDITED):
            raise ExamRefused("A verdict belongs to an edited finding, and only to it", "Give the verdict with 'edited', or leave it out")
        return self.findings.decide(actor.name, finding_id, decision, verdict, seen, while_in=states_for(Act.DECIDE))

    def newest_findings(
        self, actor: Actor, limit: int, before_id: str | None, decision: str | None
    ) -> tuple[tuple[StoredFinding, bool], ...]:
        """Findings of the exams that an actor is allowed to read, the newest first, and whether they are shown to them."""
        found = self.findings.newest(limit, before_id, decision, readable(actor))
        exams = self.exams.briefs({each.exam_id for each in found})
        shown = {exam_id: self.shown(actor, exam) for exam_id, exam in exams.items()}
        return tuple((each, shown[each.exam_id]) for each in found)

    def clip_of(self, actor: Actor, clip_id: str) -> tuple[ClipRecord, Path | None]:
        """A clip and its recording, None where there is none.

        Raises:
            RecordUnknown, NotAllowed: there is none, or the actor is not allowed to see its exam.
        """
        clip = self.clips.get(clip_id)
        exam = self.get(actor, clip.exam_id)
        path = self.path_of(exam) / clip.file
        return clip, path if clip.file and path.is_file() else None


def readable(actor: Actor) -> frozenset[str] | None:
    """The protocols whose exams an actor is allowed to read; None: every one."""
    if actor.permission(Verb.READ, ANY) is not Permission.DENY:
        return None
    return frozenset(grant.protocol for grant in actor.grants if actor.permission(Verb.READ, grant.protocol) is not Permission.DENY)


def _reads(actor: Actor, exam: StoredExam) -> bool:
    return actor.permission(Verb.READ, exam.protocol) is not Permission.DENY
