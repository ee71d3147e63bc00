"""The zone that is taken now: its frames are recorded and judged, the operator is guided, and a good clip is handed on to be stored."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from edge.exam.exam import Exam, ExamRefused
from edge.exam.taking.gate import Gate
from edge.exam.taking.guidance import Advice, Guide, Situation
from edge.exam.taking.stored_zone import Keeping
from edge.exam.taking.take import TakenAgain
from edge.exam.taking.view import View
from edge.exam.taking.zone_taking import ZoneTaking
from edge.people.actor import Actor
from edge.pipeline.observation import Observation
from edge.vision.quality import Limits, Quality
from firmware_bridge.errors import Damaged, SonoEdgeError
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.sources.base import SourceInfo

log = structlog.get_logger()


class ExamFailed(Damaged):
    """A thread of the exam failed with an error that is not one of our classes."""

    code = "exam-failed"
    says_code = "exam_failed"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an exam needs of the appliance: its source, how to set it, the bytes for others, its site, whether its disk `records`."""

    source: Callable[[], SourceInfo]
    push: Callable[[AcquisitionSettings], AcquisitionSettings]
    kept_free: Callable[[], int] = lambda: 0
    site: Callable[[], str] = lambda: ""
    records: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """`advice` is for the newest frame; `problem` is the last failure. With `must_lift` nothing is recorded until the probe is lifted."""

    gate: Gate | None
    held_s: float
    must_lift: bool
    keeping: bool
    advice: Advice | None
    problem: SonoEdgeError | None


class LiveZone:
    """At most one zone at a time. Any thread may call every method; `keep` is called in a separate thread."""

    def __init__(self, around: Surroundings, keep: Callable[[Keeping], None]) -> None:
        self.state = threading.Lock()
        """Held while the state for the next frame changes; never during a write."""
        self.limits = Limits()
        """The accepted depth and presets of the selected zone, or of the first zone."""
        self.taking: ZoneTaking | None = None
        self.exam: Exam | None = None
        """The open exam."""
        self.view = View()
        self._around, self._keep = around, keep
        self._guide = Guide()
        self._advice: Advice | None = None
        self._problem: SonoEdgeError | None = None
        self._keeping = False
        self._work: list[threading.Thread] = []

    @property
    def status(self) -> LiveStatus:
        """Read it while `state` is held."""
        taking = self.taking
        gate, held_s, must_lift = (taking.gate, taking.capture.held_s, taking.waiting) if taking else (None, 0.0, False)
        return LiveStatus(gate, held_s, must_lift, self._keeping, self._advice, self._problem)

    def take(self, taking: ZoneTaking | None, exam: Exam | None, limits: Limits) -> ZoneTaking | None:
        """Takes another zone, or none, and returns the previous one; call it while `state` is held."""
        before, self.taking = self.taking, taking
        self.exam, self.limits, self._keeping = exam, limits, False
        if isinstance(self._problem, TakenAgain):
            self._problem = None
        return before

    def whole(self, by: Actor) -> Keeping:
        """Everything that was recorded of the zone, to be stored because the operator asks for it.

        Raises:
            ExamRefused: no zone is being taken, or nothing of it has been recorded.
        """
        with self.state:
            if self.taking is None:
                raise ExamRefused("No zone is being taken", "Select a zone that is not examined", says="no_zone")
            take = self.taking.take
            if (window := take.whole) is None:
                raise self.taking.why_empty()
            return Keeping(self.taking, take, window, by)

    def record_anyway(self) -> None:
        """Records the zone in spite of the settings of the probe.

        Raises:
            ExamRefused: no zone is being taken.
        """
        with self.state:
            if self.taking is None:
                raise ExamRefused("No zone is being taken", "Begin an exam", says="no_zone_no_exam")
            self.taking.gate = self.taking.gate.record_anyway()

    def show(self, error: SonoEdgeError | None) -> None:
        """Shows a failure until the next one; None: no failure."""
        if error is not None:
            log.warning("exam", problem=error.what, fix=error.fix)
        self._problem = error

    def frame(self, frame: Frame) -> None:
        if (taking := self.taking) is not None:
            taking.frame(frame)

    def observation(self, observation: Observation) -> None:
        with self.state:
            taking = self.taking if not self._keeping else None
            self.view.add(observation.frame.captured_us / 1e6, observation.quality, taking=taking is not None)
            if taking is not None:
                self._observe(taking, observation)
            self._advice = self._guide.advice(self._situation(observation.quality), observation.frame.received_ns / 1e9)

    def close(self) -> None:
        """Ends the recording and the threads."""
        for thread in self._work:
            thread.join()
        if self.taking is not None:
            self.taking.close()

    def _observe(self, taking: ZoneTaking, observation: Observation) -> None:
        if change := taking.take.change(observation):
            what = "The {change} while this zone was recorded; the recording begins again"
            self.show(TakenAgain(what, "Hold the probe on the zone", says="zone_taken_again", change=change))
        window = taking.observe(observation)
        if window is not None:
            self._keeping, keeping = True, Keeping(taking, taking.take, window)
            self._run(lambda: self._keep_clip(keeping))
        asked = taking.ask_probe()
        if asked is not None:
            self._run(lambda: self._ask(taking, asked))

    def _situation(self, quality: Quality) -> Situation:
        taking, recorded = self.taking, self._around.records()
        if taking is None:
            return Situation(quality, exam=self.exam, recorded=recorded)
        return Situation(quality, taking.gate, self.exam, taking.capture.held_s, must_lift=taking.waiting, recorded=recorded)

    def _keep_clip(self, keeping: Keeping) -> None:
        try:
            self._keep(keeping)
        finally:
            with self.state:
                if self.taking is keeping.taking:  # it failed before another zone was taken: the operator can still store this one
                    self._keeping = False

    def _ask(self, taking: ZoneTaking, asked: AcquisitionSettings) -> None:
        """Asks the probe; if it does not change its settings, for any reason, the operator is asked."""
        got = None
        try:
            got = self._around.push(asked)
        except SonoEdgeError as error:
            log.info("the probe was not set", problem=error.what)
        finally:
            with self.state:
                taking.answered(got)

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._guarded, args=(work,), name="exam")
        self._work = [*(running for running in self._work if running.is_alive()), thread]
        thread.start()

    def _guarded(self, work: Callable[[], None]) -> None:
        """The top of each thread: every failure is shown."""
        try:
            work()
        except SonoEdgeError as error:
            self.show(error)
        except Exception as error:
            log.exception("the background work of the exam failed")
            self.show(ExamFailed(f"The exam failed unexpectedly ({error!r}); it goes on", "Report this with the log"))
