"""The appliance: builds everything from the settings; `edge.supervisor` runs it."""

import socket
from collections.abc import Callable
from types import TracebackType

import structlog
from typing_extensions import Self

from edge.api.app import create_app
from edge.api.server import WebServer
from edge.api.site import site_server
from edge.exam.taking.live_zone import Surroundings
from edge.health.examiner import examiner
from edge.health.notify import READY, STATUS, STOPPING, Watchdog, notify
from edge.health.port import listen, url_of
from edge.inference.choice import decide
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from edge.people.actor import APPLIANCE_ACTOR, NOBODY_ACTOR, Actor
from edge.pipeline.counts import Counts, CountsSnapshot
from edge.pipeline.early_source import EarlySource
from edge.pipeline.hub import Hub
from edge.pipeline.loop import Pipeline
from edge.pipeline.reading import ReadingLoop
from edge.pipeline.source_state import SourceStatus
from edge.pipeline.source_switch import SourceSwitch
from edge.pipeline.tap import Taps
from edge.pipeline.times import Times
from edge.records.probe_checks import ProbeChecks
from edge.records.use import OnlyAppliance
from edge.services.audit import AuditService
from edge.services.exam_room import ExamRoom
from edge.services.model import ModelRecords, ModelService
from edge.services.notices import NoticeService
from edge.services.probe_check import ProbeCheckService
from edge.services.record_room import RecordRoom
from edge.services.recording import RecordingService
from edge.services.site import require_closed
from edge.services.source import SourceService
from edge.services.trial import TrialService
from edge.settings import Settings
from edge.supervisor.closers import Closers
from edge.supervisor.latch import Latch
from edge.supervisor.supervisor import Supervisor
from edge.supervisor.table import CLOSE_S, SIDES, WORKERS
from edge.supervisor.turns import take_short_turns
from edge.supervisor.worker import Job, Outage, Renewed, Until
from edge.viewers.igtl_server import IgtlServer
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.recorder import RecordingStatus
from firmware_bridge.sources.base import Origin, SourceInfo

log = structlog.get_logger()

Listen = Callable[[str, int], socket.socket]


class Appliance:
    """Everything that runs, as one object: the `ApplianceView` of the API, and the `Works` of the table of workers."""

    def __init__(
        self, settings: Settings, *, wait_for_source: bool = False, stopping: Latch | None = None, listen: Listen = listen
    ) -> None:
        """Opens the port, loads the model and opens the source, so that their errors are raised before anything starts.

        With `wait_for_source`, an absent source is not an error: a board can boot before its probe is plugged in. If `stopping` is set, the
        appliance ends, at any moment. `listen` opens the sockets.

        Raises:
            ApplianceRuns: another appliance uses the data folder.
            PortOccupied: another program uses the port, or this user is not allowed to use it.
            HostClosed: on this board only the policy of its site opens the page to a network.
            ModelUnusable, RuntimeAbsent, PolicyInvalid: the model, or the site's policy file, cannot be used.
            BridgeError: the source cannot be opened.
            RecordsUnusable, RecordsFull: the records cannot be opened, not even to read them.
        """
        self._stated, self.examine = settings, examiner(settings)
        self.hub, self.times, self._counts = Hub(), Times(), Counts()
        self.recording = RecordingService(settings.data.recordings, lambda: self.settings.kept_free)
        self.probe_checks = ProbeCheckService(ProbeChecks(settings.data.probe_checks))
        self.renewed = False
        """Whether it ended so that another appliance begins in its place."""
        self._stopping, self._closers = stopping or Latch(), Closers()
        self._supervisor = Supervisor(self._closers, self._stopping, self._report)
        try:
            self._build(listen, wait_for_source=wait_for_source)
        except BaseException:
            self._closers.close()
            raise

    def _build(self, listen: Listen, *, wait_for_source: bool) -> None:
        settings = self._stated
        require_closed(settings.host)
        self._open("data folder", OnlyAppliance(settings.data_dir).leave)
        self._listener = self._listen(listen, settings.port)
        self._address = self._listener.getsockname()[:2]
        early = None if wait_for_source else EarlySource(settings.source, settings.stated_machine)
        if early:
            self._open("source", early.close)
        self._room = RecordRoom(settings, self._renew)
        self._open("records", self._room.close)
        self.store, self.records, self.changeable = self._room.store, self._room.keeper, self._room.settings
        self.people, self.slots, self.audit = self._room.people, self._room.slots, AuditService(self.store)
        self.notices, self.source = NoticeService(self._room.notices, lambda: self.store.refusal), SourceService(self.set_source)
        shelf = Shelf.of(settings.data_dir)
        decision = decide(settings.model, shelf, settings.threads)
        around, policy, notices = self._surroundings(), self.people.policy, self._room.notices
        exams = ExamRoom(self.store, settings, policy, shelf, around, release=lambda: self.models.release, notices=notices)
        self.exam, self.live, self.reviews, self.reports, self.outbox = exams.exam, exams.live, exams.reviews, exams.reports, exams.outbox
        self.worklist, self.encounters, self.likelihood, self.sticks = exams.worklist, exams.encounters, exams.likelihood, exams.sticks
        self.outcomes, self.cards, self.discordance = exams.outcomes, exams.cards, exams.discordance
        self.course, self.course_work, self.performance, self.drift = exams.course, exams.course_work, exams.performance, exams.drift
        self._open("stick", self.sticks.close)
        self._open("course", self.course_work.close)
        self._open("background", exams.background.close)
        self._taps = Taps(self.recording, self.exam, self.probe_checks, self.live)
        self._pipeline = self._build_pipeline(decision.reader)
        self.models = ModelService(decision, self._pipeline, shelf, settings, ModelRecords(self.store, self._room.notices))
        self._reading = ReadingLoop(self._pipeline, self.models.reload)
        self._keeper = SourceSwitch(settings.source, self._pipeline, self.recording.event, self._reading.ready, settings.stated_machine)
        self._open("source", self._keeper.close)
        self._keeper.prepare(early.take if early else None)
        self.trial = TrialService(self.store, self._keeper, self.exam, self.recording)
        self._build_jobs(listen, exams.look)

    def _build_jobs(self, listen: Listen, look: Callable[[], None]) -> None:
        """Makes the jobs for the rows of the table."""
        self.audit_job: Job = Until(self._room.keep_audit)
        self.records_job: Job = Until(lambda stopping: self._room.keep_records(stopping, look))
        self.models_job: Job = Until(self.models.watch)
        self.outbox_job: Job = Until(self.outbox.run)
        self.admissions_job: Job | None = Renewed(self.encounters.listener) if self.encounters.listens else None
        self.reading_job: Job = self._reading
        self.source_job: Job = self._keeper
        self.viewers_job: Job | None = None
        if self.settings.igtl_port:
            viewers = self._listen(listen, self.settings.igtl_port)
            self.viewers_job = Renewed(lambda: IgtlServer(viewers.dup(), self.hub, self._findings_shown))
        app = create_app(self, metrics=self.metrics)
        site = self.slots.site
        self.site_job: Job | None = Renewed(lambda: site_server(app, site, listen, self._supervisor.beat)) if site and site.opens else None
        self.web_job: Job = Renewed(lambda: WebServer(app, self._listener.dup(), lambda: self._supervisor.beat("http")))

    def _listen(self, listen: Listen, port: int) -> socket.socket:
        listener = listen(self._stated.host, port)
        self._open("port", listener.close)
        return listener

    def _open(self, name: str, close: Callable[[], None]) -> bool:
        return self._closers.push(name, close, CLOSE_S[name])

    def _surroundings(self) -> Surroundings:
        site, records = lambda: self.settings.site, lambda: self.disk_problem is None
        return Surroundings(self._source_info, self.set_source, lambda: self.settings.kept_free, site, records)

    def _build_pipeline(self, reader: Reader) -> Pipeline:
        watchdog = Watchdog()

        def tick() -> None:
            watchdog.beat()
            self._supervisor.beat("inference")

        return Pipeline(reader, self.hub, self._counts, self.times, tick=tick, tap=self._taps, limits=lambda: self.exam.limits)

    def _report(self, outage: Outage) -> None:
        what = f"{outage.name} does not work. {outage.silence} {outage.cause}"
        fix = outage.fix or "The exam continues. Restart the appliance when no exam is open"
        self._room.notices.add("worker-down", what.rstrip("."), fix)

    def _renew(self) -> None:
        """Ends this appliance, which could only read its records: the next one can also write them."""
        self.renewed = True
        self.stop()

    @property
    def settings(self) -> Settings:
        return self.changeable.now

    @property
    def url(self) -> str:
        """The address of the page."""
        return url_of(*self._address)

    @property
    def ready(self) -> bool:
        return self._reading.ready.is_set() and self.disk_problem is None

    @property
    def disk_problem(self) -> SonoEdgeError | None:
        """Why the disk does not take what an exam records."""
        return self._room.problem

    @property
    def outages(self) -> tuple[Outage, ...]:
        """The parts that do not run although the settings ask for them; while there is one, the appliance is degraded."""
        return self._supervisor.outages()

    @property
    def recording_problem(self) -> SonoEdgeError | None:
        return self._taps.problem(self.recording) or self.recording.problem

    @property
    def shadow_problem(self) -> SonoEdgeError | None:
        shadow = self.models.status.shadow
        return shadow.problem if shadow else None

    @property
    def clip_problem(self) -> SonoEdgeError | None:
        return self._taps.problem(self.exam)

    @property
    def release(self) -> ModelRelease:
        return self.models.release

    @property
    def counts(self) -> CountsSnapshot:
        return self._counts.snapshot()

    def source_status(self) -> SourceStatus:
        return self._keeper.status()

    def set_source(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        return self._keeper.apply(settings)

    def record(self, actor: Actor) -> RecordingStatus:
        self.store.require_in_place()
        return self.recording.start(actor, self._source_info())

    def _source_info(self) -> SourceInfo:
        return self.source_status().info or SourceInfo(self.settings.source, "", Origin.LIVE)

    def _findings_shown(self) -> bool:
        return self.live.shows_findings(NOBODY_ACTOR)

    def metrics(self) -> bytes:
        """Prometheus text."""
        from edge.health.vitals import metrics_of  # noqa: PLC0415 - slow, and many boxes are never asked

        return metrics_of(self, self._supervisor.running(), self._supervisor.restarts(), shown=self._findings_shown())

    def start(self) -> None:
        """Starts every worker. Returns when the page answers and the model is warm, or when a stop was requested.

        Raises:
            Exception: the error that stopped an essential worker before that.
        """
        take_short_turns()
        try:
            running = self._run()
        except BaseException:
            self._closers.close()
            raise
        if not running:
            self.join()
            return
        notify(f"{READY}\n{STATUS}reads with {self.release.ident}")
        log.info("ready", url=self.url, model=self.release.ident, why=self.models.status.why, source=self.settings.source or None)

    def _run(self) -> bool:
        """Starts everything; False where the stop began meanwhile, in which case nothing was started that is not registered."""
        late = {"last backup": self._room.finish, "models": self.models.close, "exam": self.exam.close, "recording": self.recording.close}
        if not all(self._open(name, close) for name, close in late.items()):
            return False
        if self.settings.record:
            self._record_from_start()
        self._supervisor.start(self, WORKERS, SIDES)
        self._open("probe check", self.probe_checks.close)
        return self._supervisor.wait_until_running()

    def _record_from_start(self) -> None:
        """If the disk cannot take a recording, the appliance shows an outage and still starts."""
        try:
            self.record(APPLIANCE_ACTOR)
        except SonoEdgeError as error:
            log.warning("not recorded", problem=error.what, fix=error.fix)

    def stop(self) -> None:
        """Asks everything to end; a signal handler or any thread can call it at any moment."""
        self._stopping.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the appliance should stop; False if that did not happen within `timeout` seconds."""
        return self._stopping.wait(timeout)

    def join(self) -> None:
        """Stops the appliance. Returns when all is closed and every frame is counted; safe to call again. Raises the first failure."""
        notify(STOPPING)
        self._supervisor.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.join()
