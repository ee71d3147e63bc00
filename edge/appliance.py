"""The appliance: builds everything from the settings and runs it. `WORKERS` is the whole of what runs."""

import sys
import threading
import time
from contextlib import ExitStack, closing
from types import TracebackType

import structlog
from typing_extensions import Self

from edge.api.app import create_app
from edge.api.server import server_of
from edge.exam.exam_file import write_sidecar
from edge.exam.protocol.file import Catalogue, load_catalogue
from edge.exam.taking.live_zone import Surroundings
from edge.health.metrics import Vitals, exposition
from edge.health.notify import READY, STOPPING, Watchdog, notify
from edge.health.port import listen
from edge.inference.choice import decide
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from edge.people.actor import APPLIANCE_ACTOR, NOBODY_ACTOR, Actor
from edge.pipeline.counts import Counts, CountsSnapshot
from edge.pipeline.hub import Hub
from edge.pipeline.loop import Pipeline
from edge.pipeline.source_keeper import SourceKeeper
from edge.pipeline.source_state import SourceState, SourceStatus
from edge.pipeline.tap import Taps
from edge.pipeline.times import Times
from edge.records.exams.clips import ClipRecord
from edge.records.exams.forms import StoredExam
from edge.records.exams.reconcile import FOLDER as EXAMS
from edge.records.probe_checks import FOLDER, ProbeChecks
from edge.services.audit import AuditService
from edge.services.book import ExamBook
from edge.services.exam import ExamService
from edge.services.live import LiveService
from edge.services.model import ModelService
from edge.services.notices import NoticeService
from edge.services.probe_check import ProbeCheckService
from edge.services.record_room import RecordRoom
from edge.services.recording import RecordingService
from edge.services.report import ReportService
from edge.services.review import ReviewService, rule_of
from edge.services.source import SourceService
from edge.settings import Settings
from edge.viewers.igtl_server import IgtlServer
from edge.worker import Worker
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.recorder import RecordingStatus
from firmware_bridge.sources.base import Origin, SourceInfo

SWITCH_INTERVAL_S = 0.0005
"""How long a thread may keep the GIL while another wants it. Python's own 5 ms shows in the latency as soon as a page is open: with
another thread busy for 8 ms in 28, the added latency's p99 fell from 10.6 to 8.2 ms."""

POLL_S = 0.01
"""How often a start looks whether it is done."""

log = structlog.get_logger()


class Appliance:
    """Everything that runs, as one object; it is the `ApplianceView` of the API."""

    def __init__(self, settings: Settings, *, wait_for_source: bool = False) -> None:
        """Takes the port, loads the model and opens the source: whatever is wrong with them is said before anything starts.

        With `wait_for_source` a source that is not there yet is no error: a board boots before its probe is plugged in.

        Raises:
            PortOccupied: another program listens on the port, or it may not be used.
            ModelUnusable, RuntimeAbsent: the model cannot be read with.
            BridgeError: the source cannot be opened.
            RecordsUnusable, RecordsFull: the records cannot be opened.
            PolicyInvalid: the site's policy file cannot be used.
        """
        self.settings = settings
        self.hub, self.times = Hub(), Times()
        self._counts = Counts()
        self.recording = RecordingService(settings.data_dir / "recordings")
        self.probe_checks = ProbeCheckService(ProbeChecks(settings.data_dir / FOLDER))
        self._ready, self._stopping = threading.Event(), threading.Event()
        self._failure: BaseException | None = None
        with ExitStack() as undo:
            self._listener = undo.enter_context(closing(listen(settings.host, settings.port)))
            self._room = undo.enter_context(closing(RecordRoom(settings)))
            self.store, self.records = self._room.store, self._room.keeper
            self.people, self.notices = self._room.people, NoticeService(self._room.notices)
            self.audit, self.source = AuditService(self.store), SourceService(self.set_source)
            shelf = Shelf.of(settings.data_dir)
            decision = decide(settings.model, shelf, settings.threads)
            catalogue = load_catalogue(settings.data_dir / "protocols")
            self.reviews = ReviewService(self.store, catalogue, rule_of(self.people.policy))
            self.exam = self._exam_service(catalogue)
            self.live = LiveService(self.exam)
            self.reports = ReportService(self.store, catalogue, self.reviews, self._write_sidecar)
            self._pipeline = self._build_pipeline(decision.reader)
            self.models = ModelService(decision, self._pipeline, shelf, settings)
            self._keeper = undo.enter_context(closing(SourceKeeper(settings.source, self._pipeline, self.recording.event)))
            if wait_for_source:
                self._keeper.check()
            else:
                self._keeper.open()
            self._igtl = self._igtl_server(undo)
            self._server = server_of(create_app(self, metrics=self.metrics))
            undo.pop_all()
        self._threads = {
            worker.name: threading.Thread(target=self._run, args=(worker,), name=worker.name)
            for worker in WORKERS
            if worker.needed(settings)
        }

    def _exam_service(self, catalogue: Catalogue) -> ExamService:
        around = Surroundings(self._source_info, self.set_source)
        book = ExamBook(self.store, self.settings.data_dir / EXAMS, self.reviews.shows)
        return ExamService(book, catalogue, self.settings.protocol, around)

    def _write_sidecar(self, exam: StoredExam, clips: tuple[ClipRecord, ...]) -> None:
        write_sidecar(self.exam.book.path_of(exam), exam, clips)

    def _build_pipeline(self, reader: Reader) -> Pipeline:
        return Pipeline(
            reader,
            self.hub,
            self._counts,
            self.times,
            tick=Watchdog().beat,
            tap=Taps(self.recording, self.exam, self.probe_checks),
            limits=lambda: self.exam.limits,
        )

    def _igtl_server(self, undo: ExitStack) -> IgtlServer | None:
        if not self.settings.igtl_port:
            return None
        listener = undo.enter_context(closing(listen(self.settings.host, self.settings.igtl_port)))
        return IgtlServer(listener, self.hub, self._findings_shown)

    @property
    def url(self) -> str:
        """Where the page is."""
        host, port = self._listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    @property
    def ready(self) -> bool:
        return self._ready.is_set()

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
        return self.recording.start(actor, self._source_info())

    def _source_info(self) -> SourceInfo:
        return self.source_status().info or SourceInfo(self.settings.source, "", Origin.LIVE)

    def _findings_shown(self) -> bool:
        return self.live.shows_findings(NOBODY_ACTOR)

    def metrics(self) -> bytes:
        """Prometheus text."""
        latest = self.hub.latest
        status = self.source_status()
        return exposition(
            Vitals(
                ready=self.ready,
                model=self.release.ident,
                simulated=latest is not None and latest.frame.simulated,
                source_state=status.state.value,
                source_states=tuple(state.value for state in SourceState),
                counts=self.counts,
                times=self.times.percentiles(),
                frames_per_second=self.times.rate(time.monotonic_ns()),
                probabilities={each.finding: each.probability for each in latest.reading.scores}
                if latest and self._findings_shown()
                else {},
                shadow=self.models.status.shadow,
                notices=self.notices.waiting,
            )
        )

    def start(self) -> None:
        """Starts every worker and returns once the page answers and the model has warmed up.

        Raises:
            Exception: what stopped a worker before that.
        """
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        if self.settings.record:
            self.record(APPLIANCE_ACTOR)
        for thread in self._threads.values():
            thread.start()
        while not (self.ready and self._server.started):
            if self._stopping.wait(POLL_S):
                self.join()
                return
        notify(READY)
        log.info("ready", url=self.url, model=self.release.ident, why=self.models.status.why, source=self.settings.source or None)

    def stop(self) -> None:
        """Asks everything to end; safe from a signal handler and from any thread."""
        self._stopping.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until somebody or something stops the appliance; False if that did not happen in `timeout` seconds."""
        return self._stopping.wait(timeout)

    def join(self) -> None:
        """Stops, and returns when every thread has ended and every frame is accounted for.

        Raises:
            Exception: what stopped a worker, if that is why the appliance ends.
        """
        self._stopping.set()
        notify(STOPPING)
        self._keeper.close()
        self.probe_checks.close()
        self._threads["source"].join()
        self._pipeline.close()
        self._threads["inference"].join()
        self.recording.close()
        self.exam.close()
        if self._igtl is not None:
            self._igtl.close()
            self._threads["igtl"].join()
        self._server.should_exit = True
        self._threads["http"].join()
        self.models.close()
        self._threads["audit"].join()
        self._threads["records"].join()
        self._room.finish()
        self._room.close()
        self._listener.close()
        if self._failure is not None:
            raise self._failure

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.join()

    def _run(self, worker: "Worker[Appliance]") -> None:
        try:
            worker.run(self)
        except BaseException as error:
            log.exception("worker ended", worker=worker.name)
            self._failure = error
            self.stop()

    def _serve(self) -> None:
        self._server.run(sockets=[self._listener])
        if not self._server.should_exit:
            raise RuntimeError("the web server ended by itself")

    def _serve_igtl(self) -> None:
        assert self._igtl is not None
        self._igtl.run()

    def _read(self) -> None:
        self._pipeline.reader.warm_up()
        self._ready.set()
        self._pipeline.read_until_closed()

    def _keep_audit(self) -> None:
        self._room.keep_audit(self._stopping)

    def _keep_records(self) -> None:
        self._room.keep_records(self._stopping)

    def _keep_source(self) -> None:
        while not self._stopping.is_set():  # before the model is warm every frame would only be displaced
            if self._ready.wait(POLL_S):
                self._keeper.keep()
                return


WORKERS: tuple[Worker[Appliance], ...] = (
    Worker("audit", Appliance._keep_audit, "systemd: the process ends", "no head of the audit trail is signed; a wrong clock is not told"),
    Worker("http", Appliance._serve, "systemd: the process ends", "no page and no API"),
    Worker("inference", Appliance._read, "systemd: its watchdog is no longer fed", "the network hangs; frames are counted as displaced"),
    Worker("igtl", Appliance._serve_igtl, "systemd: the process ends", "viewers see nothing new", lambda settings: settings.igtl_port > 0),
    Worker("records", Appliance._keep_records, "systemd: the process ends", "no backup is made and no room; a notice says which failed"),
    Worker("source", Appliance._keep_source, "itself, with growing waits", "none: a silent probe is shown as lost, an ended file as ended"),
)
