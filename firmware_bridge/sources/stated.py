"""A source whose machine a person or the site states: what is stated wins over what the source itself states, and stays marked."""

from collections.abc import Iterator
from dataclasses import replace

from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine
from firmware_bridge.sources.base import Source, SourceInfo
from firmware_bridge.sources.wrapped import WrappedSource


class StatedSource(WrappedSource):
    """Another source, with the stated machine on each frame. A grabber or a converter names itself, so only a person knows the scanner."""

    def __init__(self, source: Source, machine: Machine) -> None:
        super().__init__(source)
        self._machine = machine

    @property
    def info(self) -> SourceInfo:
        return replace(self._source.info, machine=self._machine)

    def frames(self) -> Iterator[Frame]:
        for frame in self._source.frames():
            yield replace(frame, machine=self._machine)


def stated(source: Source, machine: Machine | None) -> Source:
    """The source with the machine that a person states, if one does."""
    return source if machine is None else StatedSource(source, machine)
