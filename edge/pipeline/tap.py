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
        """Called by the inference thread with each reading, before it is published."""
        ...


class Taps:
    """Several, one after another; none of them: nobody listens."""

    def __init__(self, *taps: Tap) -> None:
        self._taps = taps

    def frame(self, frame: Frame) -> None:
        for tap in self._taps:
            tap.frame(frame)

    def losses(self, losses: tuple[SourceLoss, ...]) -> None:
        for tap in self._taps:
            tap.losses(losses)

    def observation(self, observation: Observation) -> None:
        for tap in self._taps:
            tap.observation(observation)
