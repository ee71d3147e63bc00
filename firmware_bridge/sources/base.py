"""The small interface of every transport and file format."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Protocol

from typing_extensions import Self

from firmware_bridge.errors import BridgeError
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.machine import UNKNOWN_MACHINE, Machine


class Origin(str, Enum):
    """The origin of the pixels; shown everywhere with them."""

    LIVE = "live"
    REPLAY = "replay"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """The facts about an open source that a person needs."""

    url: str
    name: str
    origin: Origin
    device: str = ""
    firmware: str = ""
    serial_number: str = ""
    frames: int | None = None
    of_simulation: bool = False
    """A recording, or another appliance, states that the images which it passes on are simulated."""
    machine: Machine = UNKNOWN_MACHINE

    @property
    def simulated(self) -> bool:
        """The images are of no patient."""
        return self.origin is Origin.SIMULATED or self.of_simulation


@dataclass(frozen=True, slots=True)
class SourceLoss:
    """Frames that the source itself lost since it was opened, for one cause."""

    cause: str
    frames: int


class Source(Protocol):
    """An open source of frames. Closing it, also from another thread, ends `frames()`."""

    @property
    def info(self) -> SourceInfo: ...

    @property
    def losses(self) -> tuple[SourceLoss, ...]:
        """The losses so far, one entry for each cause."""
        ...

    @property
    def notice(self) -> BridgeError | None:
        """A current fault while frames still arrive; None while all is well."""
        ...

    def frames(self) -> Iterator[Frame]:
        """Waits for each next frame; ends at the end of a recording.

        Raises:
            SourceLost: the probe was disconnected or became silent.
        """
        ...

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        """Asks for these settings and returns the settings that the source then reports."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Closing(ABC):
    """Anything that is closed at the end of its `with`."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
