"""The live loop: one thread owns the source and prepares, one owns the interpreter and reads, one slot stands between them.

Preparing is done by the reader thread because it releases the GIL, so that the network never waits for it.
A frame is read by the reader that it was prepared for: between two frames another may take over, and no frame is read by both or neither.
Every frame ends in exactly one count: received = read + dropped + those in flight (at most one a thread and one in the slot).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from edge.inference.reader import Reader
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.observation import Observation
from edge.pipeline.shadow import Shadow
from edge.pipeline.slot import LatestSlot
from edge.pipeline.tap import Tap, Taps
from edge.pipeline.times import FrameTimes, Times
from edge.vision.quality import Limits
from edge.vision.standardise import ANY, Standardised, Standardiser
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Source, SourceLoss

DISPLACED = "displaced"
PREPARE_FAILED = "prepare-failed"
READ_FAILED = "read-failed"
LINK = "link:"

CAUSES = {
    DISPLACED: "a newer frame came before the network was free",
    PREPARE_FAILED: "the frame could not be made into the network's input; the log says why",
    READ_FAILED: "the network failed on the frame; the log says why",
    LINK: "lost by the source before it was a frame, followed by the source's own cause",
}

TICK_S = 0.25
"""How long the inference thread waits for a frame before it shows that it is alive."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """A reader's, until the next takes over; `begun` is set once a frame waits to be read by it."""

    reader: Reader
    begun: threading.Event


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    seen: Standardised
    turn: _Turn
    since_ns: int


class Pipeline:
    """From frames to observations. `feed` runs in the thread that owns the source, `read_until_closed` in the one that owns the network."""

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
        """`tick` is called at least every `TICK_S` while the inference thread is alive, frames or none; `tap` hears of all that passes.

        `limits` says what depth and preset are good enough now.
        """
        self.shadow: Shadow | None = None
        """Reads beside, once an observation is published."""
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
        """Frames received since the start, those lost by the source among them."""
        return self._counts.snapshot().received

    @property
    def reader(self) -> Reader:
        """Of the frames that come from now on."""
        return self._turn.reader

    def swap(self, reader: Reader) -> threading.Event:
        """Has the frames that come from now on read by another, warm reader; safe in any thread.

        The event is set once the first of them waits to be read by it.
        """
        self._turn = _Turn(reader, threading.Event())
        return self._turn.begun

    def replace(self, reader: Reader) -> None:
        """Reads on with another reader after reading failed; the frame that waits was prepared for the one that failed, and is dropped."""
        self.swap(reader)
        if self._slot.take(0) is not None:
            self._counts.dropped(READ_FAILED)

    def feed(self, source: Source) -> None:
        """Takes every frame until the source ends or is closed.

        Raises:
            SourceLost: the probe went away; what it lost until then is counted.
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
        """Reads the newest frame again and again; after `close` the one that waits, then returns."""
        while True:
            self._tick()
            waiting = self._slot.take(TICK_S)
            if waiting is not None:
                self._read(waiting)
            elif self._slot.closed:
                return

    def close(self) -> None:
        """Ends `read_until_closed`; call it when nothing feeds any more."""
        self._slot.close()

    def _offer(self, frame: Frame, standardiser: Standardiser) -> None:
        self._counts.received()
        self._tap.frame(frame)
        turn = self._turn
        standardiser.side = turn.reader.release.input_side
        try:
            waiting = _Waiting(standardiser.take(frame, self._limits()), turn, time.monotonic_ns())
        except Exception as error:  # one bad frame must not end an exam, and must not go unseen
            self._fail(PREPARE_FAILED, frame, error)
            return
        if self._slot.put(waiting) is not None:
            self._counts.dropped(DISPLACED)
        turn.begun.set()

    def _read(self, waiting: _Waiting) -> None:
        taken_ns = time.monotonic_ns()
        frame, reader = waiting.seen.frame, waiting.turn.reader
        try:
            reading = reader.infer(waiting.seen)
        except Exception as error:
            self._fail(READ_FAILED, frame, error)
            return
        published_ns = time.monotonic_ns()
        observation = Observation(waiting.seen, reading, reader.release, published_ns)
        try:
            self._tap.observation(observation)
            self._hub.publish(observation)
        except BaseException:
            self._counts.dropped(READ_FAILED)  # the loop ends here, and the frame must still be accounted for
            raise
        self._counts.read()
        stages = reading.times
        self._times.add(
            FrameTimes(
                stages.prepare_ns,
                taken_ns - waiting.since_ns,
                stages.invoke_ns,
                stages.interpret_ns,
                time.monotonic_ns() - published_ns,
                published_ns - frame.received_ns,
                published_ns,
            )
        )
        if (shadow := self.shadow) is not None:
            shadow.offer(observation)

    def _fail(self, cause: str, frame: Frame, error: Exception) -> None:
        """Counts every time, and logs each kind of failure once: at 60 frames a second a log of all of them would hide the rest."""
        self._counts.dropped(cause)
        kind = cause, type(error)
        if kind not in self._logged:
            self._logged.add(kind)
            log.error("frame dropped, more of this kind are only counted", cause=cause, sequence=frame.sequence, exc_info=error)


class _LossCounter:
    """Turns a source's running totals into drops. A frame lost on the link counts as received: in pieces, but the probe sent it."""

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
