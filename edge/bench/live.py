"""What the live stream costs: messages built and sent for each frame, and the work of the event loop, with one watcher and with many.

Rounds with one watcher and rounds with many take turns on one appliance, so that whatever else the machine does falls on both.
"""

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from edge.api.live.message import StatusMessage
from edge.appliance import Appliance
from edge.bench.pipeline import probe_url
from edge.bench.watchers import Watcher, watching
from edge.bench.whole import BenchFailed
from edge.settings import Settings

MANY = 8
ROUNDS = 3
FEWEST = 10
"""Frames of a round: on a busy machine it lasts longer."""

FRAMES_PER_SECOND = 15.0
LOOP = "http"
"""The thread of the event loop."""

PATIENCE_S = 120.0

TARGETS: dict[str, tuple[str, float]] = {
    "builds_per_frame_1": ("<=", 1.05),
    "builds_per_frame_8": ("<=", 1.05),
    "sends_per_frame_8": ("<=", 8.0),
    "loop_ratio": ("<=", 8.0),
}


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """`loop_ms` is processor time of the event loop's thread for each frame; `loop_ratio` is that of 8 watchers over that of 1.

    Builds are messages built over frames read, sends are messages received by all watchers over distinct frames.
    """

    builds_per_frame_1: float
    builds_per_frame_8: float
    sends_per_frame_1: float
    sends_per_frame_8: float
    loop_ms_1: float
    loop_ms_8: float
    loop_ratio: float


@dataclass(frozen=True, slots=True)
class Round:
    """One round's figures, as in `LiveFigures`."""

    builds: float
    sends: float
    loop_ms: float


def measure(settings: Settings, seconds: float = 20.0) -> LiveFigures:
    """Takes about `seconds` for the rounds together, with a virtual probe at 15 frames a second.

    Raises:
        BenchFailed: no frames came.
    """
    with tempfile.TemporaryDirectory() as folder, Appliance(_settings(settings, Path(folder))) as appliance:
        rounds = [(_round(appliance, 1, seconds / ROUNDS / 2), _round(appliance, MANY, seconds / ROUNDS / 2)) for _ in range(ROUNDS)]
    one, many = zip(*rounds, strict=True)
    return LiveFigures(
        builds_per_frame_1=median(each.builds for each in one),
        builds_per_frame_8=median(each.builds for each in many),
        sends_per_frame_1=median(each.sends for each in one),
        sends_per_frame_8=median(each.sends for each in many),
        loop_ms_1=median(each.loop_ms for each in one),
        loop_ms_8=median(each.loop_ms for each in many),
        loop_ratio=median(eight.loop_ms / single.loop_ms for single, eight in rounds),
    )


def _settings(settings: Settings, folder: Path) -> Settings:
    changes = {"source": probe_url(FRAMES_PER_SECOND), "host": "127.0.0.1", "port": 0, "igtl_port": 0, "record": False, "data_dir": folder}
    return settings.model_copy(update=changes)


def _round(appliance: Appliance, count: int, seconds: float) -> Round:
    with watching(appliance.url, count) as watchers:
        _until(lambda: all(watcher.frames and watcher.statuses for watcher in watchers))
        before, used, end = appliance.counts.read, _loop_s(), time.monotonic() + seconds
        _until(lambda: time.monotonic() >= end and appliance.counts.read >= before + FEWEST)
        frames, used = appliance.counts.read - before, _loop_s() - used
    return Round(_builds(watchers[0].statuses), _sends(watchers), 1000 * used / frames)


def _builds(statuses: list[StatusMessage]) -> float:
    first, last = statuses[0], statuses[-1]
    return (last.stream.built - first.stream.built) / max(1, last.counts.read - first.counts.read)


def _sends(watchers: list[Watcher]) -> float:
    """Over the frames of the time in which every watcher was there."""
    first, last = max(each.frames[0] for each in watchers), min(each.frames[-1] for each in watchers)
    received = [sequence for each in watchers for sequence in each.frames if first <= sequence <= last]
    return len(received) / max(1, len(set(received)))


def _until(seen: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not seen():
        if time.monotonic() > end:
            raise BenchFailed("The virtual probe sent too few frames to measure", "See sonoedge doctor")
        time.sleep(0.05)


def _loop_s() -> float:
    """Processor time of the event loop's thread, in seconds."""
    loop = next(thread for thread in threading.enumerate() if thread.name == LOOP)
    assert loop.ident is not None
    return time.clock_gettime(time.pthread_getcpuclockid(loop.ident))
