"""The services are the only way in: each public method takes the actor first, and refuses by itself an actor who is not allowed."""

import importlib
import inspect
import pkgutil
import re
import typing
from dataclasses import is_dataclass
from pathlib import Path

import pytest

from edge import services
from edge.appliance import Appliance
from edge.exam.exam import Exam
from edge.exam.protocol.file import load_catalogue
from edge.exam.review.review import ImageQuality, ReviewAnswer, ZoneReading
from edge.exam.stored import StoredExams
from edge.inference.shelf import Shelf
from edge.people.actor import APPLIANCE_ACTOR, NOBODY_ACTOR, SHELL_ACTOR, Actor, Grant, NotAllowed, NotSignedIn
from edge.people.permission import APPLIANCE, Permission, Role, Verb
from edge.people.policy import SitePolicy
from edge.probe.record import Asked
from edge.records.exams.context import Identity, PatientContext
from edge.records.exams.states import SkipReason
from edge.records.people.credentials import NewEvent
from edge.services.acceptance import AcceptanceService
from edge.services.export import ExportService
from edge.services.label import LabelService
from edge.services.log import LOG
from edge.services.release_change import ReleaseChange
from edge.services.review import ReviewRule
from edge.services.stick import StickService
from edge.settings import Changeable, Settings
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.machine import Machine
from firmware_bridge.sources.base import Origin, SourceInfo
from provisioning.request import Wish
from provisioning.site.opened import Site

EDGE = Path(services.__path__[0]).parent
POWERLESS = Actor("of no known kind", "a person without any grant")
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
    "AcceptanceService.accept": (object(),),
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
    "LiveService.shows_findings": (),
    "LiveService.answers": (),
    "LogService.lines": (),
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
    "RecordsKeeper.back_up": (),
    "RecordsKeeper.backups": (),
    "RecordsKeeper.free": (),
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
    "SignInService.begin": ("boss", "482915", "192.0.2.1"),
    "SignInService.begin_break_glass": ("nobody else is here", "192.0.2.1"),
    "SignInService.pin_again": ("482915", "192.0.2.1"),
    "SignInService.changes": (),
    "SignInService.end": (),
    "SignInService.deadline": ("no token",),
    "WorklistService.find": (),
    "WorklistService.refresh": (),
    "WorklistService.scheduled": ("2.25.1",),
    "StickService.export": ((), Path("no stick"), object(), print),
    "StickService.receive": (Path("no stick"),),
    "SourceService.set": (AcquisitionSettings(depth_mm=90),),
}
"""Each method that a person can ask for, with arguments that are valid after the actor."""
KEYWORDS = {"PeopleService.change": {"retire": True}, "ExamBook.begin": {"simulated": True}}

OPEN = {
    "ControlService.holder", "ExamBook.shows", "ExamService.summary", "ReviewService.shows", "ProtocolService.all", "ProtocolService.get",
    "LiveService.shows_findings", "LiveService.answers", "ModelService.shelved", "ModelService.previous", "NoticeService.unseen",
    "PeopleService.claim", "PeopleService.needs_code",
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
    **dict.fromkeys(("RecordsKeeper.close", "RecordRoom.close", "RecordRoom.finish"), "the appliance ends"),
    "OutboxService.automatic": "the signature queues for these peers",
    "OutboxService.run": "a worker of the appliance",
    **dict.fromkeys(("RecordsKeeper.run", "RecordRoom.keep_audit", "RecordRoom.keep_records"), "workers of the appliance"),
    **dict.fromkeys(("RecordsKeeper.reconcile", "RecordsKeeper.look", "RecordsKeeper.make_room"), "what those workers do, as they do it"),
    **dict.fromkeys(("SignInService.actor", "SignInService.here"), "makes the actor from a token, or from a badge and a PIN"),
    **dict.fromkeys(
        ("Strangers.refuse", "Strangers.audit_due", "Turns.of"), "counts and queues attempts to sign in, before there is an actor"
    ),
    "SignInService.denied": "records that an actor was refused",
    **dict.fromkeys(("AcceptanceService.of", "PeopleService.of"), "builds the service"),
    "AcceptanceService.look": "what a worker of the appliance does",
    **dict.fromkeys(("SignInService.claimed", "SignInService.stranger"), "read-only: which actor a request without a session has"),
    "TrialService.left_s": "read-only, for the event loop",
    **dict.fromkeys(("ExamService.status", "ExamService.limits"), "read-only, for the event loop and the pipeline"),
    **dict.fromkeys(("ModelService.release", "ModelService.status"), "read-only, for the event loop"),
    **dict.fromkeys(
        ("NoticeService.waiting", "SettingsService.now", "RecordingService.status", "RecordingService.problem"),
        "read-only, for the event loop",
    ),
    **dict.fromkeys(("ModelService.watch", "ModelService.look"), "a worker of the appliance, and what it does"),
    "ReleaseChange.fell_back": "the appliance starts",
    "ModelService.reload": "the reading worker restarts: the same release is loaded again",
    "RecordsKeeper.folders": "read-only: a setting",
    "RecordsKeeper.clock_in_doubt": "read-only: why the worker removes nothing for its age",
    "RecordRoom.problem": "read-only, for the event loop",
}
"""Why these take no actor."""


def classes():
    """Every service: a class of `edge.services` that is neither an error nor a value."""
    for module in pkgutil.iter_modules(services.__path__, f"{services.__name__}."):
        for each in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(each) and each.__module__ == module.name and not issubclass(each, Exception) and not is_dataclass(each):
                yield each


def methods():
    for each in classes():
        yield from ((f"{each.__name__}.{name}", value) for name, value in vars(each).items() if not name.startswith("_"))


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A claimed appliance on which an exam is taken: the services by the names of their classes, and the exam's id."""
    with Appliance(Settings(port=0, data_dir=tmp_path_factory.mktemp("data"), threads=1)) as appliance:
        appliance.people.claim(SHELL_ACTOR, "boss", "Boss", "482915")
        exam = appliance.exam.begin(Actor("operator", "Sara", None, (Grant(Role.SCAN),)), "blue-6")
        there = [getattr(appliance, name) for name in ("audit", "exam", "live", "models", "notices", "people", "probe_checks", "worklist")]
        there += [getattr(appliance, name) for name in ("records", "outbox", "recording", "reports", "reviews", "source", "trial")]
        book = appliance.exam.book
        there += [book, book.patients, appliance.exam.protocols, appliance.exam.control, appliance.people.sign_in]
        stored = StoredExams(appliance.store, appliance.settings.data.exams)
        there += [ExportService(stored, list), LabelService(stored, load_catalogue())]
        there += [StickService(stored, load_catalogue(), appliance.settings.data, lambda _: None, lambda _: None)]
        there += [AcceptanceService.of(appliance.store), LOG, appliance.changeable, appliance.slots]
        there += [ReleaseChange(Shelf.of(appliance.settings.data_dir), appliance.store, 1)]
        yield {type(each).__name__: each for each in there}, exam


def call(running, name, actor):
    made, exam = running
    service, method = name.split(".")
    stands_for = {EXAM: exam.id, RECORD: exam}
    arguments = [stands_for.get(each, each) if type(each) is object else each for each in CALLS[name]]
    return getattr(made[service], method)(actor, *arguments, **KEYWORDS.get(name, {}))


def test_every_public_method_of_every_service_is_known_here():
    named = [*CALLS, *NO_ACTOR]
    assert sorted(named) == sorted(set(named))
    unchecked = {name for name, _ in methods()} - set(named)
    print(f"services that can be reached without an actor check: {len(unchecked)}")
    assert unchecked == set()
    assert set(named) <= {name for name, _ in methods()}


def test_no_router_and_no_viewer_reaches_past_the_services_to_the_store():
    routers = [*(EDGE / "api").glob("*/*.py"), *(EDGE / "viewers").glob("*.py")]
    assert len(routers) > 25
    assert [path.name for path in routers if re.search(r"\.store\b", path.read_text())] == []


def test_a_service_hands_out_other_services_and_values_and_nothing_that_reads_records(running):
    known = (*classes(), SitePolicy, ReviewRule, Site, type(None))
    handed = {(name, each): value for name, service in running[0].items() for each, value in vars(service).items() if each[0] != "_"}
    assert handed
    assert [name for name, value in handed.items() if not isinstance(value, known)] == []


def test_each_takes_the_actor_first():
    for name, method in methods():
        if name in CALLS:
            first = list(inspect.signature(method).parameters.values())[1]
            assert (first.name, typing.get_type_hints(method)[first.name]) == ("actor", Actor), name


@pytest.mark.parametrize("name", CALLS)
def test_an_actor_without_any_grant_is_refused(running, name):
    with pytest.raises(NotAllowed):
        call(running, name, POWERLESS)


@pytest.mark.parametrize("name", sorted(set(CALLS) - OPEN))
def test_a_person_who_has_not_signed_in_is_asked_to(running, name):
    with pytest.raises(NotSignedIn):
        call(running, name, NOBODY_ACTOR)


def test_the_appliance_itself_may_serve_and_scan_and_nothing_of_a_person():
    assert {verb for verb in Verb if APPLIANCE_ACTOR.permission(verb) is not Permission.DENY} == {Verb.LOOK, Verb.SCAN, Verb.SERVE}


def test_nobody_who_signs_in_becomes_the_appliance(running):
    made, _ = running
    people = made["PeopleService"]
    boss = Actor("operator", "Boss", "boss", (Grant(Role.ADMIN),))
    people.enrol(boss, APPLIANCE, APPLIANCE, "482915")
    actor = people.sign_in.begin(NOBODY_ACTOR, APPLIANCE, "482915", "192.0.2.1").actor
    assert (actor.kind == APPLIANCE, actor.permission(Verb.SERVE)) == (False, Permission.DENY)
