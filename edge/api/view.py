"""The parts of the appliance that the API uses. The appliance provides them; tests can build their own."""

from collections.abc import Sequence
from typing import Protocol

from edge.people.actor import Actor
from edge.pipeline.counts import CountsSnapshot
from edge.pipeline.hub import Hub
from edge.pipeline.source_state import SourceStatus
from edge.records.store import Store
from edge.services.audit import AuditService
from edge.services.cards import CardService
from edge.services.course import CourseService
from edge.services.course_work import CourseWork
from edge.services.discordance import DiscordanceService
from edge.services.drift import DriftService
from edge.services.encounters import EncounterService
from edge.services.exam import ExamService
from edge.services.likelihood import LikelihoodService
from edge.services.live import LiveService
from edge.services.model import ModelService
from edge.services.notices import NoticeService
from edge.services.outbox import OutboxService
from edge.services.outcome import OutcomeService
from edge.services.people import PeopleService
from edge.services.performance import PerformanceService
from edge.services.probe_check import ProbeCheckService
from edge.services.recording import RecordingFile
from edge.services.records_keeper import RecordsKeeper
from edge.services.report import ReportService
from edge.services.review import ReviewService
from edge.services.settings import SettingsService
from edge.services.slots import SlotsService
from edge.services.source import SourceService
from edge.services.stick_work import StickWorkService
from edge.services.trial import TrialService
from edge.services.worklist import WorklistService
from edge.settings import Settings
from firmware_bridge.recorder import RecordingStatus
from firmware_bridge.says import Says


class RecordingView(Protocol):
    """Starts and stops recordings."""

    @property
    def status(self) -> RecordingStatus | None: ...

    def stop(self, actor: Actor) -> RecordingStatus: ...

    def listed(self, actor: Actor) -> Sequence[RecordingFile]: ...


class OutageView(Protocol):
    """An optional part that does not run: `silence` states what is missing without it, `cause` states why it does not run.

    `fix` is the next step, if it has one of its own. The appliance is not ready while one `blocks`.
    """

    @property
    def name(self) -> str: ...

    @property
    def silence(self) -> str: ...

    @property
    def cause(self) -> str: ...

    @property
    def fix(self) -> str: ...

    @property
    def blocks(self) -> bool: ...

    @property
    def says(self) -> Says | None: ...


class FindingView(Protocol):
    """The answer to one question about this machine; `fix` is empty if there is nothing to do."""

    @property
    def name(self) -> str: ...

    @property
    def verdict(self) -> str: ...

    @property
    def detail(self) -> str: ...

    @property
    def fix(self) -> str: ...


class ApplianceView(Protocol):
    """The running appliance, as the API sees it. Every member can be read from the event loop without blocking."""

    @property
    def ready(self) -> bool:
        """True after the model has finished its warm-up, while the disk takes what is recorded."""
        ...

    @property
    def url(self) -> str:
        """The address of the page on this machine."""
        ...

    @property
    def outages(self) -> Sequence[OutageView]:
        """Parts that do not run although the settings enable them; while there is one, the appliance is degraded."""
        ...

    @property
    def settings(self) -> Settings:
        """As they are now."""
        ...

    @property
    def changeable(self) -> SettingsService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def store(self) -> Store:
        """The records, for the gate that checks every request; routers use the services instead."""
        ...

    @property
    def notices(self) -> NoticeService:
        """Its methods wait for the disk: call them from a thread, except `waiting`."""
        ...

    @property
    def slots(self) -> SlotsService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def audit(self) -> AuditService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def records(self) -> RecordsKeeper:
        """Its methods wait for disks: call them from a thread."""
        ...

    @property
    def people(self) -> PeopleService:
        """Its methods wait for the disk and for PIN checks: call them from a thread."""
        ...

    @property
    def reviews(self) -> ReviewService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def reports(self) -> ReportService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def outbox(self) -> OutboxService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def sticks(self) -> StickWorkService:
        """Its methods wait for disks: call them from a thread."""
        ...

    @property
    def worklist(self) -> WorklistService:
        """Its methods wait for the disk, and one for a peer: call them from a thread."""
        ...

    @property
    def encounters(self) -> EncounterService:
        """Its methods wait for the disk, and one for a peer: call them from a thread."""
        ...

    @property
    def outcomes(self) -> OutcomeService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def discordance(self) -> DiscordanceService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def likelihood(self) -> LikelihoodService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def course(self) -> CourseService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def cards(self) -> CardService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def performance(self) -> PerformanceService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def drift(self) -> DriftService:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def course_work(self) -> CourseWork:
        """Its methods wait for the disk: call them from a thread."""
        ...

    @property
    def models(self) -> ModelService:
        """Its methods read files and load models: call them from a thread, except `release` and `status`."""
        ...

    @property
    def hub(self) -> Hub: ...

    @property
    def counts(self) -> CountsSnapshot: ...

    @property
    def recording(self) -> "RecordingView": ...

    @property
    def exam(self) -> ExamService:
        """Its methods write files: call them from a thread, except `status`."""
        ...

    @property
    def probe_checks(self) -> ProbeCheckService: ...

    @property
    def source(self) -> SourceService: ...

    @property
    def trial(self) -> TrialService:
        """Its methods wait for the disk: call them from a thread, except `left_s`."""
        ...

    @property
    def live(self) -> LiveService: ...

    def record(self, actor: Actor) -> RecordingStatus:
        """Starts a recording; call it from a thread, because it makes a file.

        Raises:
            NotAllowed: the actor is not allowed to scan.
            SonoEdgeError: a recording is running, or the disk is full.
        """
        ...

    def source_status(self) -> SourceStatus: ...

    def examine(self, actor: Actor) -> Sequence[FindingView]:
        """What works on this machine, as far as a check disturbs no exam; call it from a thread, because it reads files.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
        """
        ...
