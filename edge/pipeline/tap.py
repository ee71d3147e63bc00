"""Tap: receives every frame and every reading as they pass, such as a recording does; it must never block."""

from collections.abc import Callable
from typing import Protocol

import structlog

from edge.pipeline.observation import Observation
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import SourceLoss

log = structlog.get_logger()


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
    """Several, one after another. One that fails ends neither the others nor the pipeline: each kind of failure is logged once."""

    def __init__(self, *taps: Tap) -> None:
        self._taps = taps
        self._logged: set[tuple[str, type[Exception]]] = set()

    def frame(self, frame: Frame) -> None:
        self._each(lambda tap: tap.frame(frame))

    def losses(self, losses: tuple[SourceLoss, ...]) -> None:
        self._each(lambda tap: tap.losses(losses))

    def observation(self, observation: Observation) -> None:
        self._each(lambda tap: tap.observation(observation))

    def _each(self, give: Callable[[Tap], None]) -> None:
        for tap in self._taps:
            try:
                give(tap)
            except Exception as error:
                self._log(tap, error)

    def _log(self, tap: Tap, error: Exception) -> None:
        kind = type(tap).__name__, type(error)
        if kind not in self._logged:
            self._logged.add(kind)
            log.error("a tap of the pipeline failed, more failures of this kind are not logged", tap=kind[0], exc_info=error)
