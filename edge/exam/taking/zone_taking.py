"""One zone from its selection to its clip: the preset gate, the view of it, the automatic capture, and the recording."""

import threading
import time
from collections import deque
from collections.abc import Callable

from edge.exam.exam import ExamRefused
from edge.exam.protocol.protocol import Acquisition
from edge.exam.taking.capture import Capture, Window
from edge.exam.taking.gate import Gate, GateState, check, wanted
from edge.exam.taking.take import Take
from edge.exam.taking.view import View
from edge.pipeline.observation import Observation
from edge.vision.quality import Quality
from firmware_bridge.frame import AcquisitionSettings, Frame, Shape
from firmware_bridge.recorder import Recorder, RecordingStatus

ON_SKIN_S = 2.0
"""A zone is recorded while the probe touches the skin, and this long afterwards, so that an unused probe does not fill the disk."""
RECORDED = 256
"""For this many frames it is known which were recorded: more than can wait to be read."""
IN_AIR = frozenset({"NO_CONTACT", "NOT_ULTRASOUND"})
NOTHING = "Nothing of this zone has been recorded"


class ZoneTaking:
    """`frame` is called in the thread of the source, `observe` in the reading thread; `recorder` makes the recording, or returns None.

    No image from before the zone was asked for fills it: neither a frame that was received earlier, nor the `view` if it is used. With
    `again` this zone has used it itself.
    """

    def __init__(self, asked: Acquisition, recorder: Callable[[], Recorder | None], view: View, *, again: bool = False) -> None:
        self.gate = Gate(asked)
        self._since_ns = time.monotonic_ns()
        self._view, self._used_view = view, view.number if view.used and not again else None
        self._quality: Quality | None = None
        self.was_asked = False
        self._reported, self._shape = AcquisitionSettings(), Shape.UNKNOWN
        self._asked, self._make_recorder = asked, recorder
        self._recorder: Recorder | None = None
        self._turn = threading.Lock()
        """Held while the recording begins or ends, so that none begins after the end and stays open."""
        self._tried = self._ended = False
        self._recorded: deque[int] = deque(maxlen=RECORDED)
        self._on_skin_until_s = 0.0
        self._last = -1
        self._begin()

    def _begin(self) -> None:
        self.capture = Capture(self._asked.seconds)
        self.take = Take(self._asked.seconds)

    @property
    def waiting(self) -> bool:
        """True until the probe is lifted from the place that it showed before the zone was asked for."""
        return self._view.number == self._used_view

    def observe(self, observation: Observation) -> Window | None:
        """Adds an observation; returns the best window at the frame that completes the clip."""
        frame, quality = observation.frame, observation.quality
        if frame.received_ns < self._since_ns:
            return None
        self._quality = quality
        self._reported, self._shape = frame.settings, frame.geometry.shape
        self.gate = self.gate.seen(self._reported, self._shape)
        if self.take.change(observation) or frame.sequence <= self._last:  # model or probe started again: what came before is no clip's
            self._begin()
        self._last = frame.sequence
        if not self.gate.may_record or self.waiting:
            return None
        if not IN_AIR & {reason.code for reason in quality.reasons}:
            self._on_skin_until_s = time.monotonic() + ON_SKIN_S
        if not self._is_recorded(frame):
            return None
        captured = self.capture.add(frame.captured_us / 1e6, frame.sequence, quality.score, quality.good)
        self.take.add(observation)
        if self._recorder is not None:
            self._recorder.reading(frame.sequence, observation.record)
        return captured.best if captured else None

    def _is_recorded(self, frame: Frame) -> bool:
        """A clip has only frames of its recording, so that it can be read again; any frames if the disk refuses the recording."""
        refused = self._tried and (self._recorder is None or not self._recorder.running)
        return refused or frame.sequence in self._recorded

    def frame(self, frame: Frame) -> None:
        """Records a frame as it came."""
        if not self.gate.may_record or self.waiting or time.monotonic() > self._on_skin_until_s or frame.received_ns < self._since_ns:
            return
        if not self._tried:
            self._record()
        if self._recorder is not None and self._recorder.frame(frame):
            self._recorded.append(frame.sequence)

    def _record(self) -> None:
        with self._turn:
            if not self._ended:
                self._tried, self._recorder = True, self._make_recorder()

    def why_empty(self) -> ExamRefused:
        """Why there is nothing to store yet, and the next step."""
        if not self.gate.may_record:
            what, advice = f"{NOTHING}: the settings of the probe do not fit the protocol", self.gate.checked.refusals[0].advice
            return ExamRefused(what, "{advice}, or record anyway", says="zone_empty_settings", advice=advice)
        if self.waiting:
            what = f"{NOTHING}: the image is still the one from before the zone was selected"
            return ExamRefused(what, "Lift the probe, then put it on this zone", says="zone_empty_lift")
        if self._quality is None:
            return ExamRefused(
                f"{NOTHING}: no image has come since the zone was selected", "Check the probe and its cable", says="zone_empty_image"
            )
        if IN_AIR & {reason.code for reason in self._quality.reasons}:
            fix = "Put the probe on this zone, with gel, or skip the zone"
            return ExamRefused(f"{NOTHING}: the probe is not on the skin", fix, says="zone_empty_air")
        fix = "Hold the probe on this zone for a moment"
        return ExamRefused(f"{NOTHING}: the recording has only just begun", fix, says="zone_empty_begun")

    def ask_probe(self) -> AcquisitionSettings | None:
        """The settings for the probe, once for each zone; afterwards the operator is asked."""
        if self.was_asked or self.gate.state is not GateState.ASKED:
            return None
        self.was_asked = True
        return wanted(self._asked, self._reported)

    def answered(self, settings: AcquisitionSettings | None) -> None:
        """Receives the new settings of the probe; None if it did not answer. Only a frame that was made with them opens the gate."""
        if settings is None or check(self._asked, settings, self._shape).refusals:
            self.gate = self.gate.refused()

    def close(self) -> RecordingStatus | None:
        """Ends the recording; its file is complete when this returns. None without a recording; none begins afterwards."""
        with self._turn:
            self._ended = True
        return self._recorder.close() if self._recorder is not None else None

    def abandon(self) -> None:
        """Removes a recording that belongs to no clip; none begins afterwards."""
        with self._turn:
            self._ended = True
        if self._recorder is not None and self._recorder.running:
            self._recorder.close().path.unlink(missing_ok=True)
