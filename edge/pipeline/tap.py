"""Tap: receives every frame and every reading as they pass, for example for a recording. It must never block."""

from collections.abc import Callable
from typing import Protocol

import structlog

from edge.pipeline.observation import Observation
from firmware_bridge.errors import Damaged
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import SourceLoss

log = structlog.get_logger()


class TapFailed(Damaged):
    """A tap has missed frames."""

    code = "tap-failed"


class Tap(Protocol):
    def frame(self, frame: Frame) -> None:
        """The source's thread calls it with each frame as received, before the frame is cleaned and can be displaced."""
        ...

    def losses(self, losses: tuple[SourceLoss, ...]) -> None:
        """The source's thread calls it when the source's totals have changed."""
        ...

    def observation(self, observation: Observation) -> None:
        """The inference thread calls it with each reading, before the reading is published."""
        ...


class Taps:
    """Several taps, one after another. A tap that fails stops neither the pipeline nor the other taps."""

    def __init__(self, *taps: Tap) -> None:
        self._taps = taps
        self._problems: dict[Tap, TapFailed] = {}

    def problem(self, tap: Tap) -> TapFailed | None:
        """The tap's first failure; None if it never failed."""
        return self._problems.get(tap)

    def frame(self, frame: Frame) -> None:
        self._each(lambda tap: tap.frame(frame))

    def losses(self, losses: tuple[SourceLoss, ...]) -> None:
        self._each(lambda tap: tap.losses(losses))

    def observation(self, observation: Observation) -> None:
        self._each(lambda tap: tap.observation(observation))

    def _each(self, call: Callable[[Tap], None]) -> None:
        for tap in self._taps:
            try:
                call(tap)
            except Exception as error:
                self._failed(tap, error)

    def _failed(self, tap: Tap, error: Exception) -> None:
        """Logs the first failure only: at 60 frames a second, a log of all failures would hide everything else."""
        if tap not in self._problems:
            self._problems[tap] = TapFailed(f"{type(tap).__name__} missed frames ({error!r})", "Report this with the log")
            log.error("frames missed, more are not logged", by=type(tap).__name__, exc_info=error)
