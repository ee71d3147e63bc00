"""Tap: receives every frame and every reading as they pass, such as a recording does; it must never block."""

from collections.abc import Callable
from typing import Protocol

import structlog

from edge.pipeline.observation import Observation
from firmware_bridge.errors import Damaged
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import SourceLoss

log = structlog.get_logger()


class TapFailed(Damaged):
    """Something that follows the frames has missed some."""

    code = "tap-failed"


class Tap(Protocol):
    def frame(self, frame: Frame) -> None:
        """Called by the source's thread with each frame as it came, before it is cleaned and may be displaced."""
        ...

    def losses(self, losses: tuple[SourceLoss, ...]) -> None:
        """Called by the source's thread when the source's totals have changed."""
        ...

    def observation(self, observation: Observation) -> None:
        """Called by the inference thread with each reading, before it is published."""
        ...


class Taps:
    """Several, one after another. One that fails stops neither the pipeline nor the others."""

    def __init__(self, *taps: Tap) -> None:
        self._taps = taps
        self._problems: dict[Tap, TapFailed] = {}

    def problem(self, tap: Tap) -> TapFailed | None:
        """How it first failed; None while it never has."""
        return self._problems.get(tap)

    def frame(self, frame: Frame) -> None:
        self._each(lambda tap: tap.frame(frame))

    def losses(self, losses: tuple[SourceLoss, ...]) -> None:
        self._each(lambda tap: tap.losses(losses))

    def observation(self, observation: Observation) -> None:
        self._each(lambda tap: tap.observation(observation))

    def _each(self, tell: Callable[[Tap], None]) -> None:
        for tap in self._taps:
            try:
                tell(tap)
            except Exception as error:
                self._failed(tap, error)

    def _failed(self, tap: Tap, error: Exception) -> None:
        """Logged once: at 60 frames a second a log of all of them would hide the rest."""
        if tap not in self._problems:
            self._problems[tap] = TapFailed(f"{type(tap).__name__} missed frames ({error!r})", "Report this with the log")
            log.error("frames missed, more are not logged", by=type(tap).__name__, exc_info=error)
