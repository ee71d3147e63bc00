"""The switch of the source: for a trial, the simulated chest takes the place of the appliance's own source, which then comes back."""

import threading
from collections.abc import Callable, Iterator, Mapping

import structlog

from edge.pipeline.loop import Pipeline
from edge.pipeline.source_keeper import SourceKeeper
from edge.pipeline.source_state import SourceStatus
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.machine import Machine
from firmware_bridge.sources.base import Source
from firmware_bridge.sources.url import open_source
from firmware_bridge.sources.wrapped import WrappedSource

SIMULATED_CHEST = "virtual://chest?stay_s=6"
"""The probe goes from place to place, so that an exam can go from zone to zone."""

Over = Callable[[], bool]

log = structlog.get_logger()


class Limited(WrappedSource):
    """A source that ends with the first frame for which `over()` is true."""

    def __init__(self, source: Source, over: Over) -> None:
        super().__init__(source)
        self._over = over

    def frames(self) -> Iterator[Frame]:
        for frame in self._source.frames():
            if self._over():
                return
            yield frame


class SourceSwitch:
    """One thread calls `run`; any thread can call every other method."""

    def __init__(
        self, url: str, pipeline: Pipeline, report: Callable[[Mapping[str, object]], None], ready: threading.Event, machine: Machine | None
    ) -> None:
        """See `SourceKeeper`."""
        self._own = SourceKeeper(url, pipeline, report, ready, machine)
        self._pipeline, self._report, self._ready = pipeline, report, ready
        self._trial: SourceKeeper | None = None
        self._turn, self._changed = threading.Lock(), threading.Event()
        """`_changed` wakes a `run` that has nothing to feed."""
        self._closed = False

    def prepare(self, opening: Callable[[], Source] | None) -> None:
        """Opens the own source whose opening has begun before; None: only checks its URL, and `run` opens it.

        Raises:
            BridgeError: the source cannot be opened, or its URL names no known kind.
        """
        if opening is None:
            self._own.check()
        else:
            self._own.open(opening)

    def status(self) -> SourceStatus:
        return self._now.status()

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        """See `SourceKeeper.apply`."""
        return self._now.apply(settings)

    @property
    def trying(self) -> bool:
        """Whether the simulated chest is in the place of the own source."""
        return self._trial is not None

    def try_simulated(self, over: Over) -> bool:
        """Begins a trial, which lasts until `over()` is true; False: one runs, or the appliance ends."""
        with self._turn:
            if self._closed or self._trial is not None:
                return False
            self._trial = self._chest(over)
            self._own.close()
            self._changed.set()
        log.info("trial of the simulated chest begins")
        return True

    def run(self) -> None:
        """Feeds the pipeline until `close` is called."""
        while not self._closed:
            now = self._now
            now.run()
            self._after(now)

    def close(self) -> None:
        """Ends `run` and the source; safe to call twice."""
        with self._turn:
            self._closed = True
            self._now.close()
            self._changed.set()

    def _chest(self, over: Over) -> SourceKeeper:
        def limited(url: str, machine: Machine | None) -> Source:
            return Limited(open_source(url, machine), over)

        return SourceKeeper(SIMULATED_CHEST, self._pipeline, self._report, self._ready, opener=limited)

    @property
    def _now(self) -> SourceKeeper:
        return self._trial or self._own

    def _after(self, ran: SourceKeeper) -> None:
        """A trial that ended gives the source back. After the own source has ended by itself, a trial can still begin."""
        with self._turn:
            if self._closed:
                return
            if ran is self._trial:
                self._trial = None
                self._own.resume()
                log.info("trial of the simulated chest ended")
            if ran is self._own and self._trial is None:
                self._changed.clear()
        self._changed.wait()
