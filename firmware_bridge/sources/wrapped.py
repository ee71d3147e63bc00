"""A source around another one: it passes everything on, and a kind of it changes what it is for."""

from collections.abc import Iterator

from firmware_bridge.errors import BridgeError
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.sources.base import Closing, Source, SourceInfo, SourceLoss


class WrappedSource(Closing):
    """Another source as it is."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def info(self) -> SourceInfo:
        return self._source.info

    @property
    def losses(self) -> tuple[SourceLoss, ...]:
        return self._source.losses

    @property
    def notice(self) -> BridgeError | None:
        return self._source.notice

    def frames(self) -> Iterator[Frame]:
        yield from self._source.frames()

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        return self._source.apply(settings)

    def close(self) -> None:
        self._source.close()
