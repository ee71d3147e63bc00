"""The cost of changing the model release during streaming: how long the old release continues to read, and lost frames.

Windows with a change alternate with windows without one, to compare the frames lost by a change with those lost at rest.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from types import TracebackType

from typing_extensions import Self

from edge.appliance import Appliance
from edge.bench.pipeline import UNHURRIED_FPS, probe_url
from edge.bench.whole import BenchFailed
from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.shelf import family
from edge.people.actor import APPLIANCE_ACTOR
from edge.settings import Settings

TARGETS: dict[str, tuple[str, float]] = {"swap_ms": ("<=", 300.0), "frames_lost": ("<=", 0.0)}

WINDOW_S = 0.7
SETTLE_S = 2.0
"""Time for the virtual probe to start."""


@dataclass(frozen=True, slots=True)
class SwapFigures:
    """`swap_ms` is the time from the request to the first frame for the new release, with admission and disk: the slowest of all changes.

    `frames_lost` were neither read by a release nor counted as dropped with a cause. `not_read` counts the frames dropped for any cause
    in the windows with a change, `not_read_at_rest` those in the same number of equally long windows without one.
    """

    swap_ms: float
    swap_ms_p50: float
    frames_lost: int
    not_read: int
    not_read_at_rest: int
    swaps: int


def measure(settings: Settings, swaps: int, progress: Callable[[int], None]) -> SwapFigures:
    """Changes between the built-in releases, on a virtual probe at 30 frames per second; `progress` receives the number of each change.

    Raises:
        BenchFailed: no frames arrived.
    """
    idents = [ModelRelease.load(folder).ident for folder in family(BUILT_IN)]
    took: list[float] = []
    not_read = at_rest = 0
    with tempfile.TemporaryDirectory() as folder, Appliance(_settings(settings, Path(folder))) as appliance:
        time.sleep(SETTLE_S)
        for ident in islice(cycle(idents), swaps):
            with _Window(appliance) as quiet:
                pass
            with _Window(appliance) as changed:
                took.append(_swap(appliance, ident))
            at_rest, not_read = at_rest + quiet.not_read, not_read + changed.not_read
            progress(len(took))
    counts = appliance.counts
    lost = counts.received - counts.read - sum(counts.dropped.values())
    return SwapFigures(max(took), median(took), lost, not_read, at_rest, swaps)


def _settings(settings: Settings, folder: Path) -> Settings:
    changes = {"source": probe_url(UNHURRIED_FPS), "port": 0, "igtl_port": 0, "record": False, "model": None, "data_dir": folder}
    return settings.model_copy(update=changes)


def _swap(appliance: Appliance, ident: str) -> float:
    ms = appliance.models.activate(APPLIANCE_ACTOR, ident).switched_ms
    if ms is None:
        raise BenchFailed("The virtual probe sent no frames to measure", "Run sonoedge doctor")
    return ms


class _Window:
    """Lasts `WINDOW_S` from its beginning; `not_read` counts the frames dropped in it, for any cause."""

    def __init__(self, appliance: Appliance) -> None:
        self.not_read = 0
        self._appliance = appliance
        self._begun, self._before = time.monotonic(), self._dropped

    @property
    def _dropped(self) -> int:
        return sum(self._appliance.counts.dropped.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        time.sleep(max(0.0, WINDOW_S - (time.monotonic() - self._begun)))
        self.not_read = self._dropped - self._before
