"""How much the appliance's memory grows while it streams: a board runs for months."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from edge.bench.watchers import watching
from edge.bench.whole import BenchFailed, Whole, running
from edge.inference.choice import resolve
from edge.inference.shelf import Shelf
from edge.settings import Settings

TARGETS: dict[str, tuple[str, float]] = {"growth_mb_per_hour": ("<=", 1.0)}

SOURCE = "virtual://chest?stay_s=6"
WATCHERS = 2
SETTLE_SHARE = 0.25
"""Share of the time at the beginning that is not counted: buffers of a fixed length are filling."""
SAMPLES = 90
SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """In 2**20 bytes, without the pages of files: at the beginning and the end of the time that counts (medians of a third of it)."""

    begin_mb: float
    end_mb: float
    growth_mb_per_hour: float


def measure(settings: Settings, seconds: float, each: Callable[[float], None] = lambda _: None) -> MemoryFigures:
    """Streams the simulated chest to two watchers for `seconds`; calls `each` with the seconds that have passed.

    Raises:
        BenchFailed: the appliance did not start, or ended, or sent no frames.
    """
    release = resolve(settings.model, Shelf.of(settings.data_dir), settings.threads)
    with running(SOURCE, release, settings.threads) as appliance, watching(appliance.url, WATCHERS) as watchers:
        time.sleep(seconds * SETTLE_SHARE)
        taken = _samples(appliance, seconds * (1 - SETTLE_SHARE), lambda passed: each(seconds * SETTLE_SHARE + passed))
        if not all(watcher.frames for watcher in watchers):
            raise BenchFailed("A watcher received no frame", "Read the messages above, or run sonoedge doctor")
    third = SAMPLES // 3
    begin, end = median(taken[:third]), median(taken[-third:])
    between_s = seconds * (1 - SETTLE_SHARE) * (SAMPLES - third) / SAMPLES
    return MemoryFigures(begin, end, (end - begin) * SECONDS_PER_HOUR / between_s)


def _samples(appliance: Whole, seconds: float, each: Callable[[float], None]) -> list[float]:
    taken = []
    for number in range(1, SAMPLES + 1):
        time.sleep(seconds / SAMPLES)
        taken.append(appliance.memory_mb("RssAnon"))
        each(seconds * number / SAMPLES)
    return taken
