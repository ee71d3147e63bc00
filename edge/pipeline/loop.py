"""The live loop: one thread owns the source and prepares frames, one owns the interpreter and reads them, with one slot between them.

The source's thread prepares the frames. This releases the GIL, so the network never waits for it. It judges the
quality of a frame while the network already reads that frame.
The reader for which a frame was prepared reads it. Another reader can take over between two frames: exactly one of them reads each frame.
Every frame ends in exactly one count: received = read + dropped + in flight (at most one in each thread and one in the slot).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from edge.inference.reader import Reader
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.later import Later
from edge.pipeline.observation import Observation
from edge.pipeline.shadow import Shadow
from edge.pipeline.slot import LatestSlot
from edge.pipeline.tap import Tap, Taps
from edge.pipeline.times import FrameTimes, Times
from edge.vision.quality import Limits
from edge.vision.standardise import ANY, Prepared, Standardised, Standardiser
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Source, SourceLoss

DISPLACED = "displaced"
PREPARE_FAILED = "prepare-failed"
READ_FAILED = "read-failed"
LINK = "link:"

CAUSES = {
    DISPLACED: "a newer frame came before the network was free",
    PREPARE_FAILED: "the frame could not be turned into the network's input; the log states why",
    READ_FAILED: "the network failed on the frame; the log states why",
    LINK: "the source lost the frame before it was complete; the source's own cause follows",
}

TICK_S = 0.25
"""The inference thread waits this long for a frame before it reports that it is alive."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """The period of one reader; `begun` is set when the first frame waits for it."""

    reader: Reader
    begun: threading.Event


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    made: Prepared
    turn: _Turn
    since_ns: int
    judged: Later[Standardised] = field(default_factory=Later)


class Pipeline:
    """Turns frames into observations. The thread that owns the source runs `feed`; the one with the network runs `read_until_closed`."""

    def __init__(
        self,
        reader: Reader,
        hub: Hub,
        counts: Counts,
        times: Times,
        *,
        tick: Callable[[], None] = lambda: None,
        tap: Tap | None = None,
        limits: Callable[[], Limits] = lambda: ANY,
    ) -> None:
        """`tick` is called at least every `TICK_S` while the inference thread is alive, also without frames. `tap` receives each frame.

        `limits` returns the limits for depth and preset that are valid now.
        """
        self.shadow: Shadow | None = None
        """Reads each frame too, after its observation was published."""
        self._turn = _Turn(reader, threading.Event())
        self._hub = hub
        self._counts = counts
        self._times = times
        self._tick = tick
        self._limits = limits
        self._tap: Tap = tap or Taps()
        self._slot: LatestSlot[_Waiting] = LatestSlot()
        self._logged: set[tuple[str, type[Exception]]] = set()

    @property
    def received(self) -> int:
        """Frames received since the start, including those that the source lost."""
        return self._counts.snapshot().received

    @property
    def reader(self) -> Reader:
        """The reader of the next frames."""
        return self._turn.reader

    def swap(self, reader: Reader) -> threading.Event:
        """From now on another, warm reader reads the frames; safe in any thread.

        The event is set when the first frame waits for the new reader.
        """
        self._turn = _Turn(reader, threading.Event())
        return self._turn.begun

    def replace(self, reader: Reader) -> None:
        """Continues with another reader after a failure. The frame that waits was prepared for the failed reader and is dropped."""
        self.swap(reader)
        if self._slot.take(0) is not None:
            self._counts.dropped(READ_FAILED)

    def feed(self, source: Source) -> None:
        """Takes every frame until the source ends or is closed.

        Raises:
            SourceLost: the probe is gone; the frames that it lost before are counted.
        """
        losses = _LossCounter(self._counts, self._tap)
        standardiser = self.reader.standardiser()
        try:
            for frame in source.frames():
                self._offer(frame, standardiser)
                losses.update(source.losses)
        finally:
            losses.update(source.losses)

    def read_until_closed(self) -> None:
        """Reads the newest frame again and again. After `close` it reads the frame that waits, and returns."""
        while True:
            self._tick()
            waiting = self._slot.take(TICK_S)
            if waiting is not None:
                self._read(waiting)
            elif self._slot.closed:
                return

    def close(self) -> None:
        """Ends `read_until_closed`; call it when `feed` has ended."""
        self._slot.close()

    def _offer(self, frame: Frame, standardiser: Standardiser) -> None:
        self._counts.received()
        self._tap.frame(frame)
        turn = self._turn
        release = turn.reader.release
        standardiser.side, standardiser.looks = release.input_side, release.looks
        try:
            waiting = _Waiting(standardiser.prepare(frame), turn, time.monotonic_ns())
        except Exception as error:  # one bad frame must not end an exam, and must be reported
            self._fail(PREPARE_FAILED, frame, error)
            return
        if self._slot.put(waiting) is not None:
            self._counts.dropped(DISPLACED)
        turn.begun.set()
        waiting.judged.make(lambda: standardiser.judge(waiting.made, self._limits()))

    def _read(self, waiting: _Waiting) -> None:
        taken_ns = time.monotonic_ns()
        frame, reader = waiting.made.frame, waiting.turn.reader
        try:
            reading = reader.infer(waiting.made)
        except Exception as error:
            self._fail(READ_FAILED, frame, error)
            return
        read_ns = time.monotonic_ns()
        try:
            seen = waiting.judged.get()
        except Exception as error:
            self._fail(PREPARE_FAILED, frame, error)
            return
        published_ns = time.monotonic_ns()
        observation = Observation(seen, reading, reader.release, published_ns)
        try:
            self._tap.observation(observation)
            self._hub.publish(observation)
        except BaseException:
            self._counts.dropped(READ_FAILED)  # the loop ends here, and the frame must still be counted
            raise
        self._counts.read()
        stages = reading.times
        self._times.add(
            FrameTimes(
                receive=waiting.since_ns - stages.prepare_ns - frame.received_ns,
                prepare=stages.prepare_ns,
                wait=taken_ns - waiting.since_ns,
                invoke=stages.invoke_ns,
                interpret=stages.interpret_ns,
                quality=published_ns - read_ns,
                publish=time.monotonic_ns() - published_ns,
                latency=published_ns - frame.received_ns,
                published_at=published_ns,
            )
        )
        if (shadow := self.shadow) is not None:
            shadow.offer(observation)

    def _fail(self, cause: str, frame: Frame, error: Exception) -> None:
        """Counts every failure, and logs each kind once: at 60 frames a second, a log of all failures would hide everything else."""
        self._counts.dropped(cause)
        kind = cause, type(error)
        if kind not in self._logged:
            self._logged.add(kind)
            log.error("frame dropped, more of this kind are only counted", cause=cause, sequence=frame.sequence, exc_info=error)


class _LossCounter:
    """Turns a source's running totals into drops. A frame that was lost on the link counts as received, because the probe sent it."""

    def __init__(self, counts: Counts, tap: Tap) -> None:
        self._counts = counts
        self._tap = tap
        self._seen: tuple[SourceLoss, ...] = ()

    def update(self, losses: tuple[SourceLoss, ...]) -> None:
        if losses == self._seen:
            return
        before = {loss.cause: loss.frames for loss in self._seen}
        for loss in losses:
            if (new := loss.frames - before.get(loss.cause, 0)) > 0:
                self._counts.lost(LINK + loss.cause, new)
        self._seen = losses
        self._tap.losses(losses)
