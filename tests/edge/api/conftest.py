"""The API with real objects: a hub, a release, settings; no appliance runs."""

import threading
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
from anyio.from_thread import start_blocking_portal
from fastapi.testclient import TestClient

from edge.api.app import create_app
from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exam.taking.live_zone import Surroundings
from edge.exchange.hand_over import HandOver
from edge.exchange.handed import Algorithm, Station
from edge.exchange.own_objects import own_objects
from edge.feedback.pleura.stored import StoredShares
from edge.health.examiner import examiner
from edge.inference.choice import decide
from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.shelf import Shelf
from edge.people.pin import Argon2Pins, Parameters
from edge.people.policy import load_policy
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.loop import Pipeline
from edge.pipeline.observation import Observation
from edge.pipeline.source_state import SourceState, SourceStatus
from edge.pipeline.source_switch import SourceSwitch
from edge.pipeline.times import Times
from edge.records.notices import Notices
from edge.records.probe_checks import ProbeChecks
from edge.records.store import Store
from edge.services.audit import AuditService
from edge.services.background import Background
from edge.services.book import ExamBook
from edge.services.cards import CardService
from edge.services.course import CourseService
from edge.services.course_work import CourseWork
from edge.services.discordance import DiscordanceService
from edge.services.drift import DriftService
from edge.services.encounters import EncounterService
from edge.services.exam import ExamService
from edge.services.likelihood import LikelihoodService
from edge.services.live import LiveService
from edge.services.model import ModelRecords, ModelService
from edge.services.notices import NoticeService
from edge.services.outbox import OutboxService
from edge.services.outcome import OutcomeService
from edge.services.people import PeopleService
from edge.services.performance import PerformanceService
from edge.services.probe_check import ProbeCheckService
from edge.services.recording import RecordingService
from edge.services.records_keeper import RecordsKeeper
from edge.services.report import ReportService
from edge.services.review import ReviewService, rule_of
from edge.services.settings import SettingsService
from edge.services.slots import SlotsService
from edge.services.source import SourceService
from edge.services.stick import StickService
from edge.services.stick_work import StickWorkService
from edge.services.trial import TrialService
from edge.services.worklist import WorklistService
from edge.settings import load_settings
from edge.vision.standardise import Standardiser
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Origin, SourceInfo, SourceLoss


@pytest.fixture
def view(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.models.close()
    bench.exam.close()
    bench.probe_checks.close()
    bench.recording.close()
    bench.sticks.close()
    bench.course_work.close()
    bench.background.close()
    bench.store.close()


@cache
def built_in_decision():
    """The built-in release for this machine: measured once, because it takes a second and no test changes it."""
    return decide(None, Shelf(Path("no folder of releases")), 1)


class Bench:
    """An ApplianceView; a test can set every part of it."""

    def __init__(self, folder):
        self.ready = True
        self.outages = ()
        self.url = "http://127.0.0.1:1/"
        stated = load_settings({"data_dir": folder, "threads": 1})
        self.recording = RecordingService(folder, lambda: self.settings.kept_free)
        self.hub = Hub()
        self.totals = Counts()
        shelf = Shelf.of(folder)
        decision = built_in_decision()
        self.store = Store.open(folder)
        self.changeable = SettingsService(stated, self.store)
        self.slots = SlotsService(self.settings.data, self.store)
        notices = Notices(self.store)
        pipeline, recorded = Pipeline(decision.reader, self.hub, self.totals, Times()), ModelRecords(self.store, notices)
        self.models = ModelService(decision, pipeline, shelf, stated, recorded)
        self.status = SourceStatus(
            SourceState.STREAMING,
            "virtual://chest",
            SourceInfo("virtual://chest", "chest", Origin.SIMULATED, "probe", "1.0", "S1"),
            (SourceLoss("sequence-gap", 2),),
        )
        self.probe_checks = ProbeCheckService(ProbeChecks(folder / "probe_checks"))
        around = Surroundings(lambda: self.status.info, self.set_source, lambda: self.settings.kept_free, lambda: self.settings.site)
        self.notices, self.audit = NoticeService(notices), AuditService(self.store)
        self.source = SourceService(self.set_source)
        self.records = RecordsKeeper(self.store, notices, lambda: self.settings)
        pins = Argon2Pins(lambda: Parameters(1, 8))
        self.people = PeopleService(self.store, load_policy(folder), pins, load_catalogue())
        self.background = Background()
        data, policy = self.settings.data, self.people.policy
        self.drift = DriftService(self.store, data, self.background, policy, notices, release=lambda: self.models.release.ident)
        self.reviews = ReviewService(self.store, load_catalogue(), rule_of(self.people.policy), self.drift.over_read_share)
        stored = StoredExams(self.store, folder / "exams")
        self.exam = ExamService(ExamBook(stored, self.reviews.shows), stored, load_catalogue(), "blue-6", around)
        self.performance = PerformanceService(self.store, self.settings.data, self.background)
        self.cards = CardService(self.store, self.settings.data, self.background)
        self.live, self.likelihood = LiveService(self.exam), LikelihoodService(self.exam, self.performance.own)
        shares = StoredShares(self.settings.data.pleura_shares)
        self.course = CourseService(stored, load_catalogue(), self.reviews.shows, shares, lambda: self.models.release)
        self.course_work = CourseWork(self.course, shares, folder)
        hand_over = HandOver(stored, load_catalogue(), Station("ward", "", ()), Algorithm)
        self.outcomes = OutcomeService(stored, self.reviews.shows)
        self.discordance = DiscordanceService(self.store, load_catalogue(), self.reviews)
        self.outbox = OutboxService(stored, hand_over, self.settings.data)
        self.reports = ReportService(self.store, load_catalogue(), self.reviews, peers=self.outbox.automatic)
        self.worklist = WorklistService(stored, self.settings.data)
        self.encounters = EncounterService(stored, self.settings.data)
        stick = StickService(stored, load_catalogue(), self.settings.data, hand_over.of, partial(own_objects, folder))
        self.sticks = StickWorkService(stick, self.settings.data, self.store)
        self.switch = SourceSwitch("", pipeline, lambda _: None, threading.Event(), None)
        self.trial = TrialService(self.store, self.switch, self.exam, self.recording)

    @property
    def settings(self):
        return self.changeable.now

    @settings.setter
    def settings(self, stated):
        self.changeable = SettingsService(stated, self.store)
        self.slots = SlotsService(self.settings.data, self.store)

    @property
    def counts(self):
        return self.totals.snapshot()

    def source_status(self):
        return self.status

    def record(self, actor):
        return self.recording.start(actor, self.status.info)

    def examine(self, actor):
        return examiner(self.settings)(actor)

    def set_source(self, settings):
        self.wanted = settings
        return replace(settings, gain_db=40.0)

    def publish(self, sequence, **how):
        observation = self.observe(sequence, **how)
        self.live.observation(observation)
        self.hub.publish(observation)
        return observation

    def observe(self, sequence, simulated=True, grey=60, novelty=0.5):
        release = self.models.release
        pixels = np.random.default_rng(sequence).integers(grey // 2, grey, (40, 60), dtype=np.uint8)
        frame = Frame(pixels, sequence, sequence * 1000, 1_000_000 * sequence, simulated=simulated)
        scores = tuple(Score(f.key, f.probability(0.1 * i), 0.1 * i) for i, f in enumerate(release.findings))
        class_map = np.zeros((7, 7, len(scores)), np.float32)
        class_map[2, 3, 0] = 50
        reading = Reading(sequence, scores, class_map, StageTimes(1, 2, 3), release.version, simulated, novelty)
        return Observation(Standardiser(224).take(frame), reading, release, 1_000_000 * sequence + 5_000_000)


class Front:
    """Stands before the view of the test that runs, for an application that is built once."""

    def __getattr__(self, name):
        return getattr(self.view, name)


@pytest.fixture(scope="session")
def built():
    """The application, whose hundreds of fields take half a second to build."""
    front = Front()
    return front, create_app(front, lambda: b"sonoedge_ready 1\n")


@pytest.fixture
def app(built, view):
    front, made = built
    front.view = view
    return made


@pytest.fixture
def client(app):
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


PIN = "482915"


class Crew:
    """People on an appliance, each with their own browser and address."""

    def __init__(self, view, app, portal):
        self.view = view
        self.app = app
        self.admin = None
        self._portal = portal

    def browser(self, address="192.0.2.1"):
        made = TestClient(self.app, raise_server_exceptions=False, client=(address, 1))
        made.portal = self._portal
        return made

    def claim(self):
        """The first administrator, enrolled at the board itself, and signed in elsewhere."""
        assert self.browser("127.0.0.1").post("/api/v1/claim", json={"badge": "boss", "name": "Boss", "pin": PIN}).status_code == 201
        self.admin = self.sign_in("boss")
        return self.admin

    def enrol(self, badge, *roles, protocol="*"):
        """Enrols a person with these roles; returns the id."""
        made = self.admin.post("/api/v1/operators", json={"badge": badge, "name": f"Name of {badge}", "pin": PIN}).json()
        for role in roles:
            given = self.admin.post(f"/api/v1/operators/{made['id']}/grants", json={"role": role, "protocol": protocol})
            assert given.status_code == 201, given.text
        return made["id"]

    def sign_in(self, badge, address="192.0.2.1"):
        """A browser in which this person is signed in."""
        return self._carrying(self.browser(address), "/api/v1/sessions", {"name": badge, "pin": PIN})

    def break_glass(self, address="192.0.2.1"):
        return self._carrying(self.browser(address), "/api/v1/sessions/break-glass", {"reason": "Nobody else is here"})

    def _carrying(self, browser, path, body):
        begun = browser.post(path, json=body)
        assert begun.status_code == 201, begun.text
        browser.headers["X-CSRF-Token"] = begun.json()["csrf_token"]
        return browser


@pytest.fixture(scope="session")
def portal():
    """One event loop for all browsers: a new one for each request takes longer than the request."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(autouse=True)
def quick_refusals(monkeypatch):
    monkeypatch.setattr("edge.api.people.steady.STEP_S", 0.001)


@pytest.fixture
def anybody(view, app, portal):
    """Browsers on an appliance that nobody has claimed."""
    return Crew(view, app, portal)


@pytest.fixture
def crew(anybody):
    anybody.claim()
    return anybody


@pytest.fixture(scope="session")
def permitted():
    """The permissions, written separately from the appliance's own table: letters of actors by method and path."""
    rows = {}
    for line in (Path(__file__).parent / "permissions.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        letters, *words = line.split()
        for method, path in zip(words[::2], words[1::2], strict=True):
            rows[method, path if path.startswith("/") else f"/api/v1/{path}"] = set(letters) - {"-"}
    return rows
