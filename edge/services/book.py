"""Recorded exams with their clips and findings: who is allowed to do what with them, and when. The live exam, API and shell use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.exam.course import Act, ExamState, after, states_for
from edge.exam.exam import Exam, ExamRefused
from edge.exam.protocol.stored import text_of
from edge.exam.review.showing import Reviewed, Shown, always
from edge.exam.stored import StoredExams
from edge.exchange.worklist.scheduled import Scheduled
from edge.feedback.agreement import Agreement, agreements
from edge.people.actor import Actor
from edge.people.permission import Permission, Verb
from edge.records.exams.assessment import Assessment
from edge.records.exams.clips import ClipRecord, Clips
from edge.records.exams.context import Identity, PatientContext
from edge.records.exams.facts import DRAFT, ExamStatement, NewExam
from edge.records.exams.finding import Decision, StoredFinding
from edge.records.exams.findings import Findings
from edge.records.exams.forms import ExamBrief, StoredExam
from edge.records.schema import ANY
from edge.services.patients import PatientService, Whose
from edge.services.verdicts import require_verdict

Verdict = Literal["present", "absent", "unsure"]
NOTHING_STATED = ExamStatement()


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding, whether the actor is allowed to see what it states, and whether frames of no patient are in its exam.

    `images` is the assessment of its clip, where one is recorded.
    """

    finding: StoredFinding
    shown: bool
    simulated: bool
    images: Assessment | None

    @property
    def about_images(self) -> dict[str, object]:
        """What is shown of the images of its clip with every finding, as JSON; `machine` is empty where that was not recorded."""
        made_by, mark = (self.images.machine, self.images.machine_mark) if self.images else ("", "")
        return {"simulated": self.simulated, "machine": made_by, "machine_mark": mark}


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A clip, its recording (None where there is no file), and whether the actor is allowed to see the readings in it."""

    clip: ClipRecord
    path: Path | None
    shown: bool


class ExamBook:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, stored: StoredExams, shown: Shown = always) -> None:
        """`shown` states whether an actor is allowed to see what the model states of an exam."""
        self.patients, self._stored, self._shown = PatientService(stored.store), stored, shown
        self._exams, self._clips = stored.records, Clips(stored.store)
        self._findings = Findings(stored.store, stored.sidecar)

    def begin(
        self,
        actor: Actor,
        exam: Exam,
        patient: Whose | None = None,
        stated: ExamStatement = NOTHING_STATED,
        *,
        simulated: bool,
        site: str = "",
    ) -> StoredExam:
        """Records an exam that begins, at this `site`. It needs a review if the actor is not qualified to scan alone.

        The study and the order of a scheduled `patient` are those of the exam.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            ContextInvalid, PatientOther: what is stated of the patient is not valid, or the identifier is that of another person.
            OrderBegun: an exam was begun for the scheduled study already.
            ExamNotStored, RecordsFull: the disk refuses it.
        """
        order, study_uid = (patient.order, patient.study_uid) if isinstance(patient, Scheduled) else (stated.order, "")
        qualified = actor.require(Verb.SCAN, exam.protocol.id) is Permission.ALLOW
        context = stated.context.attributed(actor.name, self._stored.store.now())
        known, text = self.patients.add(actor, patient) if patient else None, text_of(exam.protocol)
        taken = {
            "folder": self._stored.new_folder(exam.protocol.id),
            "protocol": text.id,
            "protocol_version": text.version,
            "protocol_digest": text.digest,
            "simulated": simulated,
            "qualified": qualified,
            "operator_id": actor.operator_id,
            "session_id": actor.confined_to,
            "operator": actor.name,
            "patient_id": known.id if known else None,
            "site": site,
        }
        new = NewExam.model_validate({**stated.stated, "context": context, "order": order, **taken})
        return self._exams.begin(actor.name, new, exam.as_record(), text, study_uid)

    def newest(self, actor: Actor, limit: int, before_id: str | None = None, state: str | None = None) -> tuple[StoredExam, ...]:
        """The exams begun last that the actor is allowed to read; those in one state where it is given.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return self._exams.newest(limit, before_id, state, readable(actor))

    def id_of(self, actor: Actor, part: str) -> str:
        """The id of the exam that a person names by the beginning or the end of its id.

        Raises:
            RecordUnknown: no exam fits, or more than one.
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return self._exams.id_of(part)

    def get(self, actor: Actor, exam_id: str) -> StoredExam:
        """One exam; an actor who is only allowed to scan sees the exam that is open, and in an emergency only their own.

        Raises:
            RecordUnknown: no exam has this id.
            NotAllowed: the actor is not allowed to see it.
        """
        actor.require_any(Verb.READ, Verb.SCAN)
        exam = self._exams.get(exam_id)
        actor.require_reach(exam.session_id)
        actor.require(Verb.SCAN if exam.state == DRAFT and not _reads(actor, exam) else Verb.READ, exam.protocol)
        return exam

    def shows(self, actor: Actor, exam: Reviewed) -> bool:
        """Whether the actor is allowed to see what the model states of an exam.

        Raises:
            NotAllowed: the actor is not allowed to look at the appliance at all.
        """
        actor.require(Verb.LOOK)
        return self._shown(actor, exam)

    def clips(self, actor: Actor, exam_id: str) -> tuple[ClipRecord, ...]:
        """The clips of an exam, the oldest first.

        Raises:
            RecordUnknown, NotAllowed: see `get`.
        """
        return self._exams.clips(self.get(actor, exam_id).id)

    def recordings(self, actor: Actor, exam_id: str) -> tuple[tuple[ClipRecord, Path | None], ...]:
        """The clips of an exam, each with its recording, None where there is no file.

        Raises:
            RecordUnknown, NotAllowed: see `get`.
        """
        exam = self.get(actor, exam_id)
        return tuple((clip, self._stored.recording_of(exam, clip.file)) for clip in self._exams.clips(exam.id))

    def findings(self, actor: Actor, exam_id: str) -> tuple[ShownFinding, ...]:
        """The findings of an exam, the oldest first.

        Raises:
            RecordUnknown, NotAllowed: see `get`.
        """
        exam = self.get(actor, exam_id)
        return self._found(actor, self._exams.findings(exam.id), {exam.id: exam})

    def end(self, actor: Actor, exam_id: str, seen: int | None = None) -> StoredExam:
        """Ends a draft; zones that are not examined stay so.

        Raises:
            ExamRefused, RecordStale: it has ended already, or changed since it was read.
            RecordUnknown, NotAllowed: see `get`.
        """
        self._require_act(actor, exam_id, Act.END)
        return self._exams.end(actor.name, exam_id, seen)

    def state_context(self, actor: Actor, exam_id: str, context: PatientContext, seen: int) -> StoredExam:
        """States how the patient is.

        Raises:
            ContextInvalid: a value is not valid.
            ExamRefused, RecordStale, RecordUnknown, NotAllowed: see `end`.
        """
        self._require_act(actor, exam_id, Act.TELL)
        attributed = context.attributed(actor.name, self._stored.store.now())
        return self._exams.state_context(actor.name, exam_id, attributed, seen, while_in=states_for(Act.TELL))

    def name_patient(self, actor: Actor, exam_id: str, patient: Identity, seen: int) -> StoredExam:
        """States whose exam it is. Nothing is merged: the identifier of another person is refused, and a person decides.

        Raises:
            ContextInvalid, PatientOther: the identity is not valid, or its identifier is that of another person.
            ExamRefused, RecordStale, RecordUnknown, NotAllowed: see `end`.
        """
        self._require_act(actor, exam_id, Act.NAME)
        known = self.patients.add(actor, patient)
        return self._exams.name_patient(actor.name, exam_id, known.id, seen, while_in=states_for(Act.NAME))

    def newest_findings(
        self, actor: Actor, limit: int, before_id: str | None = None, decision: str | None = None
    ) -> tuple[ShownFinding, ...]:
        """The newest findings of the exams that the actor is allowed to read; those with one decision where it is given.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        found = self._findings.newest(limit, before_id, decision, readable(actor))
        return self._found(actor, found, self._exams.briefs({each.exam_id for each in found}))

    def agreement(self, actor: Actor) -> tuple[Agreement, ...]:
        """How readers decided on the answers of the model, in the signed exams that the actor is allowed to read.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return agreements(self._findings.decided(readable(actor)))

    def _found(self, actor: Actor, found: Sequence[StoredFinding], exams: Mapping[str, StoredExam | ExamBrief]) -> tuple[ShownFinding, ...]:
        shown = {exam_id: self._shown(actor, exam) for exam_id, exam in exams.items()}
        images = self._findings.assessments({each.clip_id for each in found})
        return tuple(ShownFinding(each, shown[each.exam_id], exams[each.exam_id].simulated, images.get(each.clip_id)) for each in found)

    def finding(self, actor: Actor, finding_id: str) -> ShownFinding:
        """One finding.

        Raises:
            RecordUnknown, NotAllowed: no finding has this id, or the actor is not allowed to see its exam.
        """
        actor.require_any(Verb.READ, Verb.SCAN)
        finding = self._findings.get(finding_id)
        exam = self.get(actor, finding.exam_id)
        return self._found(actor, (finding,), {exam.id: exam})[0]

    def decide(self, actor: Actor, finding_id: str, decision: Decision, verdict: Verdict | None, seen: int) -> ShownFinding:
        """Records what a person decides on a finding: accepted, rejected, edited with their own verdict, or not assessable.

        Raises:
            RecordUnknown, NotAllowed: no finding has this id, or the actor is not allowed to decide on it.
            ExamRefused, RecordStale: the state of its exam does not admit it, its zone was taken again, or the finding changed.
        """
        actor.require(Verb.DECIDE)
        finding = self._findings.get(finding_id)
        exam = self.get(actor, finding.exam_id)
        actor.require(Verb.DECIDE, exam.protocol)
        after(ExamState(exam.state), Act.DECIDE)
        if not self._shown(actor, exam):
            fix = "Save your own review of it first"
            raise ExamRefused("What the model states of this exam is not shown to you yet", fix, says="answers_hidden")
        if finding.superseded_at is not None:
            what, fix = "Zone {zone} was taken again after this finding", "Decide on the finding of the newer clip"
            raise ExamRefused(what, fix, says="finding_replaced", zone=finding.zone)
        require_verdict(decision, verdict)
        decided = self._findings.decide(actor.name, finding_id, decision, verdict, seen, while_in=states_for(Act.DECIDE))
        return self._found(actor, (decided,), {exam.id: exam})[0]

    def clip(self, actor: Actor, clip_id: str) -> StoredClip:
        """One clip and its recording.

        Raises:
            RecordUnknown, NotAllowed: no clip has this id, or the actor is not allowed to see its exam.
        """
        actor.require_any(Verb.READ, Verb.SCAN)
        clip = self._clips.get(clip_id)
        exam = self.get(actor, clip.exam_id)
        return StoredClip(clip, self._stored.recording_of(exam, clip.file), self._shown(actor, exam))

    def _require_act(self, actor: Actor, exam_id: str, act: Act) -> None:
        """An act of an operator who scans, in a state of the exam that admits it."""
        actor.require(Verb.SCAN)
        exam = self.get(actor, exam_id)
        actor.require(Verb.SCAN, exam.protocol)
        after(ExamState(exam.state), act)


def readable(actor: Actor) -> frozenset[str] | None:
    """The protocols whose exams an actor is allowed to read; None: every one."""
    if actor.permission(Verb.READ, ANY) is not Permission.DENY:
        return None
    return frozenset(grant.protocol for grant in actor.grants if actor.permission(Verb.READ, grant.protocol) is not Permission.DENY)


def _reads(actor: Actor, exam: StoredExam) -> bool:
    return actor.permission(Verb.READ, exam.protocol) is not Permission.DENY
