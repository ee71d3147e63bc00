"""How each public method of the services is called in the tests of the doorway, and why some take no actor."""

from datetime import date
from pathlib import Path

from edge.exam.exam import Exam
from edge.exam.protocol.file import load_catalogue
from edge.exam.review.review import ImageQuality, ReviewAnswer, ZoneReading
from edge.feedback.discordance.cause import RootCause
from edge.feedback.truth.condition import Reference
from edge.feedback.truth.standing import Stated
from edge.people.permission import Role
from edge.probe.record import Asked
from edge.records.exams.context import Identity, PatientContext
from edge.records.exams.states import SkipReason
from edge.records.people.credentials import NewEvent
from edge.services.discordance import Why
from edge.services.drift import NewDecision
from edge.settings import Changeable
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.machine import Machine
from firmware_bridge.sources.base import Origin, SourceInfo
from provisioning.request import Wish

INFO = SourceInfo("virtual://", "chest", Origin.SIMULATED)
WHO = Identity(identifier="P-1", name="Abebe")
COURSE = NewEvent("blue-6", "course", None, None, items=(), version="", note="")
EXAM, RECORD = object(), object()
"""Stand for the id of the exam that is open, and for the exam itself."""
BLUE = Exam.begin(load_catalogue().named("blue-6"))
ANSWER = ReviewAnswer(
    zones={"L1": ZoneReading(findings={"b_lines": "absent"}, score=0)}, quality=ImageQuality(scale="s", version="1", value=4), comment=""
)
SLOTS = {"state": (), "certificate": (), "ask": (Wish.CHECK, False), "selftest": (False, "http://127.0.0.1:1/"), "note": ()}
OUTBOX = {"newest": (10,), "standing": (), "of_exam": (EXAM,), "send": (EXAM,)}
OUTBOX |= dict.fromkeys(("get", "id_of", "retry", "cancel"), ("no delivery",))

CALLS = {
    **dict.fromkeys(("AcceptanceService.accept", "LedgerService.sign"), (object(),)),
    "AcceptanceService.withdraw": ("no acceptance", "why"),
    "AcceptanceService.listed": ("0" * 64,),
    "AuditService.newest": (10,),
    **dict.fromkeys((f"AuditService.{act}" for act in ("head", "verify", "export", "correct_clock")), ()),
    "ControlService.holder": (EXAM,),
    "ControlService.take": (EXAM, "page"),
    "ControlService.require": (EXAM, "page"),
    "ExamBook.begin": (BLUE,),
    "ExamBook.newest": (10,),
    "ExamBook.id_of": (EXAM,),
    "ExamBook.get": (EXAM,),
    "ExamBook.shows": (RECORD,),
    "ExamBook.clips": (EXAM,),
    "ExamBook.recordings": (EXAM,),
    "ExamBook.findings": (EXAM,),
    "ExamBook.newest_findings": (10,),
    "ExamBook.agreement": (),
    "ExamBook.finding": ("no finding",),
    "ExamBook.decide": ("no finding", "accepted", None, 1),
    "ExamBook.clip": ("no clip",),
    "ExamBook.end": (EXAM,),
    "ExamBook.state_context": (EXAM, PatientContext(), 1),
    "ExamBook.name_patient": (EXAM, WHO, 1),
    "ExamService.begin": ("blue-6",),
    "ExamService.summary": (RECORD,),
    "ExamService.select": ("L1",),
    "ExamService.skip": ("L1", SkipReason.PAIN, ""),
    "ExamService.reopen": ("L1",),
    "ExamService.keep": (),
    "ExamService.record_anyway": (),
    "ExamService.end": (),
    "ExamService.name_patient": (EXAM, WHO, 1),
    "ExamService.state_context": (EXAM, PatientContext(), 1),
    "ExportService.export": (EXAM, Path("no folder"), print),
    "ExportService.write": (EXAM, (), Path("no folder"), print),
    "LabelService.of_exams": (Machine("GE", "Vscan Air"), ("b_lines",)),
    "TrainingSetService.export": (Path("no folder"), "CC0", print),
    "LikelihoodService.signs": (EXAM,),
    "LikelihoodService.post_test": (EXAM, 0.3, ("ahf-b-lines",)),
    **dict.fromkeys(("LedgerService.listed", "LedgerService.standings"), ()),
    **dict.fromkeys(("LiveService.shows_findings", "LiveService.answers", "LogService.lines"), ()),
    **dict.fromkeys((f"ModelService.{act}" for act in ("shelved", "previous", "rollback")), ()),
    "ModelService.activate": ("lung-s",),
    "ModelService.shadow": (None,),
    "ReleaseChange.activate": ("lung-s", "lung-m", None),
    "ReleaseChange.rollback": ("lung-m",),
    "ReleaseChange.shadow": (None, "lung-m"),
    **dict.fromkeys(("NoticeService.unseen", "SettingsService.changeable", "TrialService.begin", "TrialService.end"), ()),
    "SettingsService.change": (Changeable(site="Clinic"),),
    **{f"SlotsService.{act}": to for act, to in SLOTS.items()},
    "NoticeService.seen": ("no notice",),
    **{f"OutboxService.{act}": to for act, to in OUTBOX.items()},
    "DiscordanceService.queue": (10,),
    "DiscordanceService.causes": (),
    "DiscordanceService.close": ((EXAM, "L1", "b_lines"), Why(RootCause.MODEL, "", "")),
    "DiscordanceService.withdraw": ("no closing", "why"),
    "OutcomeService.of_exam": (EXAM,),
    "OutcomeService.known": (),
    "OutcomeService.record": (EXAM, Stated("pneumonia", True, Reference.CT, date(2026, 11, 1))),
    "OutcomeService.withdraw": ("no outcome", "why"),
    **dict.fromkeys((f"CourseWork.{act}" for act in ("measure", "failed", "runs")), ("no patient",)),
    **dict.fromkeys(("CourseService.course", "CourseService.named"), ("no patient",)),
    **dict.fromkeys((f"PerformanceService.{act}" for act in ("figures", "work", "compute")), ()),
    **dict.fromkeys(("CardService.mine", "CardService.work"), ()),
    **dict.fromkeys(("CardService.curves", "CardService.at_board"), ("nobody's id",)),
    **dict.fromkeys(("DriftService.status", "DriftService.work"), ()),
    "DriftService.decide": (NewDecision("watch-again", "why", "no release", "no exam"),),
    "PatientService.newest": (10,),
    "PatientService.get": ("no patient",),
    "PatientService.add": (WHO,),
    "PatientService.correct": ("no patient", WHO, 1),
    "PeopleService.claim": ("boss", "Boss", "482915"),
    "PeopleService.claim_code": (),
    "PeopleService.needs_code": ("192.0.2.1",),
    "PeopleService.listed": (10,),
    "PeopleService.get": ("nobody's id",),
    "PeopleService.with_badge": ("boss",),
    "PeopleService.enrol": ("n-1", "N", "482915"),
    "PeopleService.change": ("nobody's id", "N"),
    "PeopleService.grant": ("nobody's id", Role.SCAN),
    "PeopleService.revoke": ("nobody's id", "no grant"),
    "PeopleService.set_pin": ("nobody's id", "482915"),
    "PeopleService.unlock": ("nobody's id",),
    "PeopleService.credentials": ("nobody's id",),
    "PeopleService.vouch": ("nobody's id", COURSE),
    "PeopleService.standing": ("nobody's id", "blue-6"),
    "PeopleService.standings": ("nobody's id",),
    "ProbeCheckService.history": ("S1",),
    "ProbeCheckService.run": (Asked(), INFO),
    "ProtocolService.all": (),
    "ProtocolService.get": ("no protocol",),
    "RecordingService.listed": (),
    "RecordingService.start": (INFO,),
    "RecordingService.stop": (),
    **dict.fromkeys(("RecordsKeeper.back_up", "RecordsKeeper.backups", "RecordsKeeper.free"), ()),
    "ReportService.report": (EXAM,),
    "ReportService.given_out": (EXAM,),
    "ReportService.sign": (EXAM, 1),
    "ReportService.amend": (EXAM, 1, "why"),
    "ReviewService.queue": (10,),
    "ReviewService.begin": (EXAM,),
    "ReviewService.save": ("no review", ANSWER, 1),
    "ReviewService.own": ("no review",),
    "ReviewService.to_read": (EXAM,),
    "ReviewService.of_exam": (EXAM,),
    "ReviewService.shows": (RECORD,),
    "ReviewService.shown": ((RECORD,),),
    "SignInService.begin": ("boss", "482915", "192.0.2.1"),
    "SignInService.begin_break_glass": ("nobody else is here", "192.0.2.1"),
    "SignInService.pin_again": ("482915", "192.0.2.1"),
    "SignInService.changes": (),
    "SignInService.end": (),
    "SignInService.deadline": ("no token",),
    **dict.fromkeys(("WorklistService.find", "WorklistService.refresh", "EncounterService.find", "EncounterService.refresh"), ()),
    "EncounterService.admitted": ("V-1",),
    "WorklistService.scheduled": ("2.25.1",),
    "StickService.export": ((), Path("no stick"), object(), print),
    "StickService.receive": (Path("no stick"),),
    **dict.fromkeys((f"StickWorkService.{act}" for act in ("present", "state", "cancel")), ()),
    "StickWorkService.export": ((), "no stick", "no key"),
    "StickWorkService.receive": ("no stick",),
    "SourceService.set": (AcquisitionSettings(depth_mm=90),),
}
"""Each method that a person can ask for, with arguments that are valid after the actor."""
KEYWORDS = {"PeopleService.change": {"retire": True}, "ExamBook.begin": {"simulated": True}}

OPEN = {
    "ControlService.holder", "ExamBook.shows", "ExamService.summary", "ReviewService.shows", "ProtocolService.all", "ProtocolService.get",
    "ReviewService.shown",
    "LiveService.shows_findings", "LiveService.answers", "ModelService.shelved", "ModelService.previous", "NoticeService.unseen",
    "PeopleService.claim", "PeopleService.needs_code", "LedgerService.standings",
    "ProbeCheckService.history", "SignInService.begin", "SignInService.begin_break_glass", "SignInService.end", "SignInService.deadline",
    "SignInService.changes", "SlotsService.state", "SlotsService.certificate",
}  # fmt: skip
"""Of these, what a person can do who has not signed in: look at the appliance itself, and sign in."""

TAPS = ("ExamService", "LiveService", "ProbeCheckService", "RecordingService")
NO_ACTOR = {
    **{f"{tap}.{call}": "the pipeline's tap" for tap in TAPS for call in ("frame", "losses", "observation")},
    "LogService.note": "the process's log",
    "RecordingService.event": "the source's keeper reports what happened to it",
    **dict.fromkeys(("ExamService.close", "ModelService.close", "ProbeCheckService.close", "RecordingService.close"), "the appliance ends"),
    **dict.fromkeys(
        ("RecordsKeeper.close", "RecordRoom.close", "RecordRoom.finish", "StickWorkService.close", "CourseWork.close"), "the appliance ends"
    ),
    **dict.fromkeys((f"Background.{act}" for act in ("begin", "work", "ends", "close")), "the services that use it check the actor"),
    **dict.fromkeys(
        ("PerformanceService.look", "CardService.look", "DriftService.look", "ExamRoom.look"), "what a worker of the appliance does"
    ),
    **dict.fromkeys(("DriftService.state", "DriftService.stops"), "read-only, for the metrics and the pipeline"),
    **dict.fromkeys(("DriftService.over_read_share", "ReviewService.sampling"), "the signature asks how many exams are over-read"),
    "PerformanceService.own": "figures of a condition over many patients, which the post-test probability uses after its own check",
    "OutboxService.automatic": "the signature queues for these peers",
    "OutboxService.run": "a worker of the appliance",
    **dict.fromkeys(("EncounterService.listens", "EncounterService.listener"), "a worker of the appliance, and whether it is needed"),
    "OutboxService.figures": "counts for the metrics, which tell of no patient",
    **dict.fromkeys(("RecordsKeeper.run", "RecordRoom.keep_audit", "RecordRoom.keep_records"), "workers of the appliance"),
    **dict.fromkeys(("RecordsKeeper.reconcile", "RecordsKeeper.look", "RecordsKeeper.make_room"), "what those workers do, as they do it"),
    **dict.fromkeys(("SignInService.actor", "SignInService.here"), "makes the actor from a token, or from a badge and a PIN"),
    **dict.fromkeys(
        ("Strangers.refuse", "Strangers.audit_due", "Turns.of"), "counts and queues attempts to sign in, before there is an actor"
    ),
    "SignInService.denied": "records that an actor was refused",
    **dict.fromkeys(("AcceptanceService.of", "LedgerService.of", "PeopleService.of"), "builds the service"),
    **dict.fromkeys(("AcceptanceService.look", "LedgerService.look"), "what a worker of the appliance does"),
    **dict.fromkeys(("SignInService.claimed", "SignInService.stranger"), "read-only: which actor a request without a session has"),
    "TrialService.left_s": "read-only, for the event loop",
    **dict.fromkeys(("ExamService.status", "ExamService.limits"), "read-only, for the event loop and the pipeline"),
    **dict.fromkeys(("ModelService.release", "ModelService.status"), "read-only, for the event loop"),
    **dict.fromkeys(
        ("NoticeService.waiting", "SettingsService.now", "RecordingService.status", "RecordingService.problem"),
        "read-only, for the event loop",
    ),
    **dict.fromkeys(("ModelService.watch", "ModelService.look"), "a worker of the appliance, and what it does"),
    **dict.fromkeys(("ReleaseChange.fell_back", "ReleaseChange.begins_with"), "the appliance starts"),
    "ReleaseChange.measured": "a shadow ended",
    "ModelService.reload": "the reading worker restarts: the same release is loaded again",
    "RecordsKeeper.folders": "read-only: a setting",
    "RecordsKeeper.clock_in_doubt": "read-only: why the worker removes nothing for its age",
    "RecordRoom.problem": "read-only, for the event loop",
}
"""Why these take no actor."""
