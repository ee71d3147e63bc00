"""The exam that is being taken: receives every frame, stores a zone's clip when it is good, and states what to do next."""

import threading
import time
from collections.abc import Callable

import structlog

from edge.exam.exam import Exam, ExamRefused
from edge.exam.exam_file import new_part
from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.protocol import Acquisition
from edge.exam.stored import StoredExams
from edge.exam.summary import ExamSummary
from edge.exam.taking.live_zone import LiveZone, Surroundings
from edge.exam.taking.stored_zone import Keeping, close_zone, not_whole
from edge.exam.taking.zone_taking import ZoneTaking
from edge.notice import NOTICE
from edge.people.actor import APPLIANCE_ACTOR, Actor
from edge.people.permission import Permission, Verb
from edge.pipeline.observation import Observation
from edge.records.audit.entry import Detail
from edge.records.errors import RecordsGone
from edge.records.exams.context import Identity, PatientContext
from edge.records.exams.facts import DRAFT, ExamStatement
from edge.records.exams.forms import Step, StoredExam
from edge.records.exams.states import SkipReason
from edge.services.book import NOTHING_STATED, ExamBook
from edge.services.control import ControlService
from edge.services.exam_status import LEFT_S, ExamStatus, of_another
from edge.services.patients import Whose
from edge.services.protocols import ProtocolService
from edge.services.recording import kept_free_of
from edge.vision.quality import Limits
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.frame import Frame
from firmware_bridge.recorder import Recorder, RecordingStopped
from firmware_bridge.sources.base import SourceLoss

log = structlog.get_logger()


class ExamService:
    """At most one exam is open at a time; a `Tap` of the pipeline. Any thread may call every method.

    Each change is recorded before it is shown. Each method raises `NotAllowed` if the `actor` is not allowed to do this.
    """

    def __init__(self, book: ExamBook, stored: StoredExams, catalogue: Catalogue, protocol: str, around: Surroundings) -> None:
        """Resumes the exam that was open when the appliance last ended. A new exam follows `protocol` unless it names another.

        Raises:
            ProtocolUnknown: no protocol has this id.
        """
        self.book, self.protocols, self.control = book, ProtocolService(catalogue), ControlService(lambda: self.status.open_id)
        self._stored, self._catalogue, self._around = stored, catalogue, around
        self._reader, self._protocol = stored.reader(catalogue), catalogue.named(protocol)
        self._events = threading.RLock()
        """Held while an event is recorded: one after another."""
        self._exam: Exam | None = None
        self._record: StoredExam | None = None
        self._touched_at = time.monotonic()  # when the exam was changed last
        self._live = LiveZone(around, self._keep)
        self._live.show(next(iter(catalogue.problems), None))
        self._resume()

    @property
    def status(self) -> ExamStatus:
        with self._live.state:
            return ExamStatus(self._protocol, self._exam, self._record, self._live.status)

    @property
    def limits(self) -> Limits:
        """The accepted depth and presets of the selected zone, or of the first zone."""
        return self._live.limits

    def summary(self, actor: Actor, exam: StoredExam) -> tuple[ExamSummary, bool]:
        """The summary of an exam that was read for the actor, and whether the actor is allowed to see what the model states in it.

        Raises:
            ExamUnresumable: the states of its zones cannot be used.
        """
        shown = self.book.shows(actor, exam)
        return self._reader.summary(exam), shown

    def begin(
        self, actor: Actor, protocol: str | None = None, patient: Whose | None = None, statement: ExamStatement = NOTHING_STATED
    ) -> StoredExam:
        """A new exam; it follows the protocol of the last exam unless it names another.

        Raises:
            ProtocolUnknown: no protocol has this id.
            ExamRefused: an exam is open.
            SonoEdgeError: see `ExamBook.begin`.
        """
        actor.require(Verb.SCAN)
        with self._events:
            if self._record is not None and self.status.running:
                self._make_way(actor, self._record)
            exam = Exam.begin(self._catalogue.named(protocol) if protocol else self._protocol)
            record = self.book.begin(actor, exam, patient, statement, simulated=self._around.source().simulated, site=self._around.site())
            self._live.show(None)
            self._become(record, exam)
            return record

    def select(self, actor: Actor, zone: str, exam_id: str | None = None) -> None:
        """Takes this zone next. Like the other acts on a zone it is meant for the exam `exam_id`; None: for the exam that is open.

        Raises:
            RecordUnknown: no exam has this id.
            ExamRefused, ZoneUnknown: the exam is not open, or see `Exam.select`.
            ExamNotStored, RecordsFull: the disk refuses it. All this holds for the other acts on a zone as well.
        """
        self._step(actor, exam_id, "zone.selected", {"zone": zone}, lambda exam: exam.select(zone))

    def skip(self, actor: Actor, zone: str, reason: SkipReason, note: str, exam_id: str | None = None) -> None:
        """Skips a zone.

        Raises:
            ExamRefused, ZoneUnknown: see `Exam.skip`.
        """
        self._step(actor, exam_id, "zone.skipped", {"zone": zone, "reason": reason.value}, lambda exam: exam.skip(zone, reason, note))

    def reopen(self, actor: Actor, zone: str, exam_id: str | None = None) -> None:
        """Takes a zone again; its earlier clip stays stored, and no longer counts.

        Raises:
            ExamRefused, ZoneUnknown: see `Exam.reopen`.
        """
        self._step(actor, exam_id, "zone.reopened", {"zone": zone}, lambda exam: exam.reopen(zone), again=zone)

    def keep(self, actor: Actor, zone: str | None = None, exam_id: str | None = None) -> None:
        """Saves what has been recorded of the selected zone, however good it is.

        Raises:
            ExamRefused: nothing of it has been recorded, or `zone` is not the selected zone.
        """
        with self._events:
            self._expect_selected(actor, zone, exam_id)
            self._keep(self._live.whole(actor))

    def record_anyway(self, actor: Actor, zone: str | None = None, exam_id: str | None = None) -> None:
        """Records the selected zone in spite of the probe's settings; this is marked and counted.

        Raises:
            ExamRefused: no zone is selected, or `zone` is not the selected zone.
        """
        with self._events:
            self._expect_selected(actor, zone, exam_id)
            self._live.record_anyway()

    def end(self, actor: Actor, exam_id: str | None = None, seen: int | None = None) -> StoredExam:
        """Ends the exam `exam_id`, or else the exam that is open; zones that are not examined stay so.

        Raises:
            ExamRefused: no exam is open, or it has ended already.
            SonoEdgeError: see `ExamBook.end`.
        """
        actor.require(Verb.SCAN)
        with self._events:
            record = self.book.end(actor, self._open()[1].id if exam_id is None else exam_id, seen)
            if self._record is not None and self._record.id == record.id:
                self._become(record, self._exam)
            return record

    def name_patient(self, actor: Actor, exam_id: str, patient: Identity, seen: int) -> StoredExam:
        """See `ExamBook.name_patient`."""
        with self._events:
            return self._changed(self.book.name_patient(actor, exam_id, patient, seen))

    def state_context(self, actor: Actor, exam_id: str, context: PatientContext, seen: int) -> StoredExam:
        """See `ExamBook.state_context`."""
        with self._events:
            return self._changed(self.book.state_context(actor, exam_id, context, seen))

    def _changed(self, record: StoredExam) -> StoredExam:
        with self._live.state:
            if self._record is not None and self._record.id == record.id:
                self._record, self._touched_at = record, time.monotonic()
        return record

    def close(self) -> None:
        """Ends what runs; an open exam stays open, and is resumed at the next start."""
        self._live.close()

    def frame(self, frame: Frame) -> None:
        self._live.frame(frame)

    def losses(self, losses: tuple[SourceLoss, ...]) -> None: ...

    def observation(self, observation: Observation) -> None:
        self._live.observation(observation)

    def _resume(self) -> None:
        record, exam = None, None
        try:
            self._reader.protocols.store_missing()
            record = self._stored.draft()
            if record is not None:
                exam = self._reader.exam(record)
                self._live.view.used = bool(exam.zones)  # the probe may still lie where the last zone was taken
                log.info("exam resumed", exam=record.id, done=exam.done)
            self._stored.repair_sidecars()
        except SonoEdgeError as error:
            self._live.show(error)
        self._become(record if exam else None, exam)

    def _open(self, exam_id: str | None = None) -> tuple[Exam, StoredExam]:
        exam, record = self._exam, self._record
        running = exam is not None and record is not None and record.state == DRAFT
        if exam_id is not None and not (running and record is not None and record.id == exam_id):
            self._stored.records.get(exam_id)
            raise ExamRefused(f"Exam {exam_id} is not open", "GET /api/v1/exams/current has the exam that is open", says="exam_not_open")
        if exam is None or record is None or not running:
            raise ExamRefused("No exam is open", "Begin one", says="no_exam")
        return exam, record

    def _taken_by(self, actor: Actor, exam_id: str | None) -> tuple[Exam, StoredExam, Permission]:
        """The open exam, for an actor who is allowed to take it."""
        actor.require(Verb.SCAN)
        exam, record = self._open(exam_id)
        actor.require_reach(record.session_id)
        return exam, record, actor.require(Verb.SCAN, exam.protocol.id)

    def _make_way(self, actor: Actor, open_: StoredExam) -> None:
        """Ends an exam that was left open, where an emergency begins; every other open exam refuses a new one."""
        if actor.confined_to in (None, open_.session_id):
            raise ExamRefused("An exam is open", "End it first", says="exam_open")
        if time.monotonic() - self._touched_at < LEFT_S:
            raise of_another()
        self._become(self._stored.records.end(APPLIANCE_ACTOR.name, open_.id), self._exam)

    def _expect_selected(self, actor: Actor, zone: str | None, exam_id: str | None) -> None:
        exam, _, _ = self._taken_by(actor, exam_id)
        if zone is None:
            return
        exam.protocol.zone(zone)
        if exam.selected != zone:
            what = f"Zone {{zone}} is not selected; the selected zone is {exam.selected or 'none'}"
            raise ExamRefused(what, "Select the zone first", says="zone_not_selected", zone=zone)

    def _step(
        self, actor: Actor, exam_id: str | None, act: str, detail: Detail, event: Callable[[Exam], Exam], *, again: str | None = None
    ) -> None:
        """Durable before visible."""
        with self._events:
            exam, record, permission = self._taken_by(actor, exam_id)
            after, qualified = event(exam), permission is Permission.ALLOW
            record = self._stored.records.step(actor.name, record.id, Step(act, detail, after.as_record(), qualified, again))
            if after.selected == exam.selected and again is None:  # another zone was skipped
                with self._live.state:
                    self._exam = self._live.exam = after
                    self._record, self._touched_at = record, time.monotonic()
            else:
                self._become(record, after)

    def _become(self, record: StoredExam | None, exam: Exam | None, *, again: bool = False) -> None:
        protocol = exam.protocol if exam else self._protocol
        selected = exam.selected if exam and record and record.state == DRAFT else None
        asked = protocol.acquisition(selected or protocol.zones[0].id)
        running = record is not None and record.state == DRAFT
        taking = self._take(asked, selected, again=again) if selected else None
        with self._live.state:
            before = self._live.take(taking, exam if running else None, Limits(asked.depth_mm, asked.presets))
            self._record, self._exam, self._protocol = record, exam, protocol
        self._touched_at = time.monotonic()
        if before is not None:
            before.abandon()

    def _take(self, asked: Acquisition, zone: str, *, again: bool) -> ZoneTaking:
        return ZoneTaking(asked, lambda: self._recorder(zone), self._live.view, again=again)

    def _recorder(self, zone: str) -> Recorder | None:
        record = self._record
        if record is None:
            return None
        try:
            self._stored.store.require_in_place()
            floor = kept_free_of(record.session_id, self._around.kept_free())
            return Recorder(new_part(self._stored.path_of(record), zone), self._around.source(), NOTICE, floor)
        except (RecordingStopped, RecordsGone) as error:  # a full disk never ends the exam
            self._live.show(error)
            return None

    def _keep(self, keeping: Keeping) -> None:
        with self._events:
            exam, record = self._open()
            if keeping.taking is not self._live.taking or exam.selected is None:
                return  # the operator was quicker
            try:
                recorded = keeping.taking.close()
                if (incomplete := not_whole(exam.selected, recorded)) is not None:
                    self._live.show(incomplete)
                closed = close_zone(exam, exam.selected, keeping, recorded)
                actor = keeping.by.name if keeping.by else record.operator
                record = self._stored.records.keep(actor, record.id, closed.step, closed.clip, closed.findings, simulated=closed.simulated)
            except Exception:
                self._become(record, exam, again=True)  # the zone is taken again
                raise
            self._become(record, closed.exam)
