"""The exam that is going on: hears of all that passes, keeps a zone's clip when it is good, and says what to do next."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import structlog

from edge.exam.capture import Window
from edge.exam.exam import Exam, ExamRefused, SkipReason
from edge.exam.exam_file import ExamFile, KeptClip, resume
from edge.exam.gate import Gate
from edge.exam.guidance import Advice, Guide, Situation
from edge.exam.protocol import Acquisition, Protocol
from edge.exam.protocol_file import Catalogue
from edge.exam.take import Take, TakenAgain
from edge.exam.zone_taking import ZoneTaking
from edge.notice import NOTICE
from edge.pipeline.observation import Observation
from edge.vision.quality import Limits, Quality
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.recorder import Recorder, RecordingStopped
from firmware_bridge.sources.base import SourceInfo, SourceLoss

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an exam needs of the appliance: who the source is, and how to set it."""

    source: Callable[[], SourceInfo]
    push: Callable[[AcquisitionSettings], AcquisitionSettings]


@dataclass(frozen=True, slots=True)
class ExamStatus:
    """`exam` is None before the first, and stays when it has ended. `advice` is for the newest frame; `problem` what went wrong last."""

    protocol: Protocol
    exam: Exam | None
    running: bool
    gate: Gate | None
    held_s: float
    keeping: bool
    advice: Advice | None
    problem: SonoEdgeError | None


class ExamDesk:
    """At most one exam at a time; a `Tap` of the pipeline. Every method may be called from any thread."""

    def __init__(self, exams: Path, catalogue: Catalogue, protocol: str, around: Surroundings) -> None:
        """Takes up the exam that was open when the appliance last ended; `protocol` is that of a new one, unless another is named.

        Raises:
            ProtocolUnknown: no protocol has this id.
        """
        self.catalogue = catalogue
        self._exams, self._around = exams, around
        self._protocol = catalogue.named(protocol)
        self._events = threading.RLock()
        """Held while an event is written down: one after another."""
        self._state = threading.Lock()
        """Held while what frames see is changed: never while anything is written."""
        self.limits = Limits()
        """What depth and preset are good enough for the zone that is taken, or for the first one."""
        self._exam: Exam | None = None
        self._file: ExamFile | None = None
        self._taking: ZoneTaking | None = None
        self._guide = Guide()
        self._advice: Advice | None = None
        self._problem: SonoEdgeError | None = next(iter(catalogue.problems), None)
        self._work: list[threading.Thread] = []
        self._keeping = False
        self._resume()

    @property
    def status(self) -> ExamStatus:
        with self._state:
            taking, running = self._taking, self._file is not None
            gate = taking.gate if taking else None
            held_s = taking.capture.held_s if taking else 0.0
            return ExamStatus(self._protocol, self._exam, running, gate, held_s, self._keeping, self._advice, self._problem)

    def begin(self, protocol: str | None = None) -> None:
        """A new exam; where none is named under the protocol of the last one.

        Raises:
            ProtocolUnknown: no protocol has this id.
            ExamRefused: an exam is open.
            ExamNotKept: the disk refuses it.
        """
        with self._events:
            if self._file is not None:
                raise ExamRefused("An exam is open", "End it first")
            exam = Exam.begin(self.catalogue.named(protocol) if protocol else self._protocol)
            self._problem = None
            self._become(ExamFile.begin(self._exams, exam), exam, moved_on=True)

    def select(self, zone: str) -> None:
        """Takes this zone next.

        Raises:
            ExamRefused, ZoneUnknown, ExamNotKept: see `Exam.select`.
        """
        self._write(lambda exam: exam.select(zone))

    def skip(self, zone: str, reason: SkipReason, note: str) -> None:
        """Leaves a zone out.

        Raises:
            ExamRefused, ZoneUnknown, ExamNotKept: see `Exam.skip`.
        """
        self._write(lambda exam: exam.skip(zone, reason, note))

    def reopen(self, zone: str) -> None:
        """Takes a zone again; the clip that it had is kept.

        Raises:
            ExamRefused, ZoneUnknown, ExamNotKept: see `Exam.reopen`.
        """
        self._write(lambda exam: exam.reopen(zone))

    def keep(self) -> None:
        """Keeps what there is of the selected zone, however good it is.

        Raises:
            ExamRefused: there is nothing of it.
            ExamNotKept: the disk refuses it.
        """
        with self._state:
            taking = self._taking
            take = taking.take if taking else None
            window = take.whole if take else None
        if taking is None or take is None or window is None:
            raise ExamRefused("Nothing of this zone was seen", "Put the probe on it, or skip the zone")
        self._keep(taking, take, window, "operator")

    def record_anyway(self) -> None:
        """Takes the zone in spite of the probe's settings, which is marked and counted.

        Raises:
            ExamRefused: no zone is being taken.
        """
        with self._state:
            if self._taking is None:
                raise ExamRefused("No zone is being taken", "Begin an exam")
            self._taking.gate = self._taking.gate.record_anyway()

    def end(self) -> None:
        """Ends the exam; zones that are not examined stay so.

        Raises:
            ExamRefused: none is open.
            ExamNotKept: the disk refuses it.
        """
        with self._events:
            exam, file = self._open()
            file.write(exam, ended=True)
            self._become(None, exam, moved_on=True)

    def close(self) -> None:
        """Ends what runs; an open exam stays open, and is taken up again."""
        for thread in self._work:
            thread.join()
        if self._taking is not None:
            self._taking.close()

    def frame(self, frame: Frame) -> None:
        if (taking := self._taking) is not None:
            taking.frame(frame)

    def losses(self, losses: tuple[SourceLoss, ...]) -> None: ...

    def observation(self, observation: Observation) -> None:
        with self._state:
            if self._taking is not None and not self._keeping:
                self._observe(self._taking, observation)
            self._advice = self._guide.tell(self._situation(observation.quality), observation.frame.received_ns / 1e9)

    def _observe(self, taking: ZoneTaking, observation: Observation) -> None:
        if not taking.take.fits(observation):
            what = f"The model release changed to {observation.release.ident} while this zone was taken, so that it is taken again"
            self._tell(TakenAgain(what, "Hold the probe on the zone"))
        window = taking.observe(observation)
        if window is not None:
            self._keeping, take = True, taking.take
            self._run(lambda: self._keep_quietly(taking, take, window))
        asked = taking.ask_probe()
        if asked is not None:
            self._run(lambda: self._push(taking, asked))

    def _situation(self, quality: Quality) -> Situation:
        taking, exam = self._taking, self._exam if self._file else None
        if taking is None:
            return Situation(quality, exam=exam)
        return Situation(quality, taking.gate, exam, taking.capture.held_s, not taking.capture.waiting)

    def _resume(self) -> None:
        try:
            found = resume(self._exams, self.catalogue)
        except SonoEdgeError as error:
            self._tell(error)
            found = None
        file, exam = found or (None, None)
        if exam is not None:
            self._protocol = exam.protocol
            log.info("exam resumed", folder=str(file and file.folder), done=exam.done)
        self._become(file, exam, moved_on=True)

    def _open(self) -> tuple[Exam, ExamFile]:
        if self._exam is None or self._file is None:
            raise ExamRefused("No exam is open", "Begin one")
        return self._exam, self._file

    def _write(self, event: Callable[[Exam], Exam], clip: KeptClip | None = None, *, moved_on: bool = True) -> None:
        """Durable before visible."""
        with self._events:
            exam, file = self._open()
            after = event(exam)
            file = replace(file, clips=(*file.clips, clip)) if clip else file
            file.write(after)
            if clip is None and after.selected == exam.selected:  # another zone was skipped
                with self._state:
                    self._exam = after
            else:
                self._become(file, after, moved_on=moved_on)

    def _become(self, file: ExamFile | None, exam: Exam | None, *, moved_on: bool) -> None:
        protocol = exam.protocol if exam else self._protocol
        selected = exam.selected if exam and file else None
        asked = protocol.acquisition(selected or protocol.zones[0].id)
        taking = self._take(asked, selected, moved_on=moved_on) if selected and file else None
        with self._state:
            before, self._taking = self._taking, taking
            self._file, self._exam, self._protocol = file, exam, protocol
            self._keeping = False
            if isinstance(self._problem, TakenAgain):
                self._problem = None
            self.limits = Limits(asked.depth_mm, asked.presets)
        if before is not None:
            before.close()

    def _take(self, asked: Acquisition, zone: str, *, moved_on: bool) -> ZoneTaking:
        return ZoneTaking(asked, lambda: self._recorder(zone), moved_on=moved_on)

    def _recorder(self, zone: str) -> Recorder | None:
        file = self._file
        if file is None:
            return None
        try:
            return Recorder(file.new_clip(zone), self._around.source(), NOTICE)
        except RecordingStopped as error:  # a full disk never ends the exam
            self._tell(error)
            return None

    def _keep(self, taking: ZoneTaking, take: Take, window: Window, by: Literal["itself", "operator"]) -> None:
        with self._events:
            exam, file = self._open()
            if taking is not self._taking or exam.selected is None:
                return  # the operator was quicker
            recorded = taking.close()
            if recorded is not None and recorded.problem is not None:
                self._tell(recorded.problem)
            clip = KeptClip(exam.selected, recorded.path.name if recorded else "", window, by)
            overridden = tuple(code.value for code in taking.gate.overridden)
            try:
                self._write(lambda exam: exam.keep(take.finding(window), overridden), clip, moved_on=False)
            except SonoEdgeError:
                self._become(file, exam, moved_on=True)  # the zone is taken again
                raise

    def _keep_quietly(self, taking: ZoneTaking, take: Take, window: Window) -> None:
        try:
            self._keep(taking, take, window, "itself")
        except SonoEdgeError as error:
            self._tell(error)

    def _push(self, taking: ZoneTaking, asked: AcquisitionSettings) -> None:
        """Asks the probe; where it does not do as asked, the operator is asked."""
        got = None
        try:
            got = self._around.push(asked)
        except SonoEdgeError as error:
            log.info("the probe was not set", problem=error.what)
        with self._state:
            taking.answered(got)

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="exam")
        self._work = [*(running for running in self._work if running.is_alive()), thread]
        thread.start()

    def _tell(self, error: SonoEdgeError) -> None:
        log.warning("exam", problem=error.what, fix=error.fix)
        self._problem = error
