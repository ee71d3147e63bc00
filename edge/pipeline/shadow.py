"""Shadow: a candidate release reads the same live frames as the active one, and their differences are counted and logged.

Nobody at the bedside sees its answers. They are what they would be if it were active, with what holds for it on the machine. It has its own
thread and its own latest-frame slot, so that the active release never waits for it. A shadow that fails stops itself.
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from edge.disk.durable import time_stamp
from edge.inference.reader import Reader
from edge.pipeline.disagreement import Difference, Episode, answers_of, differences, not_validated, of_both
from edge.pipeline.observation import Observation
from edge.pipeline.slot import LatestSlot
from edge.vision.standardise import redrawn
from firmware_bridge.errors import Damaged, SonoEdgeError

EPISODE_S = 1.0
"""A longer disagreement is logged once in this many seconds."""
WAIT_S = 0.25

log = structlog.get_logger()


class ShadowFailed(Damaged):
    """The candidate cannot continue to read."""

    code = "shadow-failed"


@dataclass(frozen=True, slots=True)
class FindingFigures:
    """Figures of one finding: frames on which the two disagree, and the mean absolute difference of their probabilities."""

    disagreed: int
    difference: float


@dataclass(frozen=True, slots=True)
class ShadowFigures:
    """Both releases read `frames`; `skipped` frames came while the shadow was busy; `problem` is the fault that stopped it.

    `active` is the release that it is compared with, "" before the first frame. When it changes, all figures except `skipped` start again.
    `not_validated` counts the frames of machines on which the active release, and the shadow, is not validated.
    """

    release: str
    active: str = ""
    frames: int = 0
    skipped: int = 0
    findings: Mapping[str, FindingFigures] = field(default_factory=dict)
    problem: SonoEdgeError | None = None
    not_validated: Mapping[str, int] = field(default_factory=dict)


class Shadow:
    """Compares until it is closed or fails. The inference thread calls `offer`; any thread can call the other methods."""

    def __init__(self, reader: Reader, report: Callable[[Mapping[str, object]], None]) -> None:
        """`report` receives each line for the log, in the shadow's thread."""
        self._reader = reader
        self._report = report
        self._slot: LatestSlot[Observation] = LatestSlot()
        self._lock = threading.Lock()
        self._pair = _Pair()
        self._skipped = 0
        self._episode: Episode | None = None
        self._problem: SonoEdgeError | None = None
        self._thread = threading.Thread(target=self._run, name="shadow")
        self._thread.start()

    @property
    def release(self) -> str:
        """The candidate's ident."""
        return self._reader.release.ident

    @property
    def figures(self) -> ShadowFigures:
        with self._lock:
            pair = self._pair
            marked = of_both(pair.not_validated)
            return ShadowFigures(self.release, pair.active, pair.frames, self._skipped, pair.findings, self._problem, marked)

    def offer(self, observation: Observation) -> None:
        """Gives the shadow a frame that the active release has read; never waits."""
        if not self._slot.closed and self._slot.put(observation) is not None:
            self._skipped += 1

    def close(self) -> None:
        """Ends the shadow; when this returns, the last disagreement is logged."""
        self._slot.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            while (observation := self._slot.take(WAIT_S)) is not None or not self._slot.closed:
                if observation is not None:
                    self._compare(observation)
                self._log_episode(EPISODE_S)
            self._log_episode(0)
        except Exception as error:
            self._problem = ShadowFailed(
                f"{self.release} has stopped as the shadow ({error!r})", "See the log; the active release is not affected"
            )
            self._slot.close()
            log.exception("the shadow failed", shadow=self.release)

    def _compare(self, observation: Observation) -> None:
        reading = self._reader.infer(redrawn(observation.seen, self._reader.release.input_side))
        standing = self._reader.release.on(reading.machine)
        found = differences(answers_of(observation.reading, observation.standing.labels), answers_of(reading, standing.labels))
        marked = not_validated(observation.standing, standing)
        active = observation.release.ident
        if active != self._pair.active:
            self._log_episode(0)
        with self._lock:
            if active != self._pair.active:
                self._pair = _Pair(active)
            self._pair.add(found, marked)
        if self._episode is None and any(difference.disagrees for difference in found.values()):
            self._episode = Episode(time_stamp(), time.monotonic(), active, self.release)
        if self._episode is not None:
            self._episode.add(observation.reading, found, marked)

    def _log_episode(self, after_s: float) -> None:
        if self._episode is not None and time.monotonic() - self._episode.begun_s >= after_s:
            self._report(self._episode.line)
            self._episode = None


@dataclass(slots=True)
class _Pair:
    """The counts of the shadow against one active release."""

    active: str = ""
    frames: int = 0
    disagreed: Counter[str] = field(default_factory=Counter)
    width: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    not_validated: Counter[str] = field(default_factory=Counter)

    def add(self, found: Mapping[str, Difference], marked: Iterable[str]) -> None:
        self.frames += 1
        self.not_validated.update(marked)
        for key, difference in found.items():
            self.disagreed[key] += difference.disagrees
            self.width[key] += difference.width

    @property
    def findings(self) -> dict[str, FindingFigures]:
        return {key: FindingFigures(self.disagreed[key], self.width[key] / self.frames) for key in self.disagreed}
