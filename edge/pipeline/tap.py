"""Tap: whoever wants every frame and every reading as they pass, such as a recording; it must never block."""

from typing import Protocol

from edge.pipeline.observation import Observation
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import SourceLoss


class Tap(Protocol):
    def frame(self, frame: Frame) -> None:
        """Called by the source's thread with each frame as it came, before it is cleaned and may be displaced."""
        ...

    def losses(self, losses: tuple[SourceLoss, ...]) -> None:
        """Called by the source's thread when the source's totals have changed."""
        ...

    def observation(self, observation: Observation) -> None:
        """Called by the inference thread with each reading."""
        ...


class NoTap:
    """Nobody listens."""

    def frame(self, frame: Frame) -> None: ...

    def losses(self, losses: tuple[SourceLoss, ...]) -> None: ...

    def observation(self, observation: Observation) -> None: ...
