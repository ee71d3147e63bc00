"""The small interface behind which every transport and file format stands."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Protocol

from typing_extensions import Self

from firmware_bridge.errors import BridgeError
from firmware_bridge.frame import AcquisitionSettings, Frame


class Origin(str, Enum):
    """Where the pixels come from; shown wherever they are shown."""

    LIVE = "live"
    REPLAY = "replay"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a person needs to know of an open source."""

    url: str
    name: str
    origin: Origin
    device: str = ""
    firmware: str = ""
    serial_number: str = ""
    frames: int | None = None
    of_simulation: bool = False
    """A recording, or another appliance, states that the images which it passes on are simulated."""

    @property
    def simulated(self) -> bool:
        """The images are of no patient."""
        return self.origin is Origin.SIMULATED or self.of_simulation


@dataclass(frozen=True, slots=True)
class SourceLoss:
    """Frames that the source itself lost since it was opened, by one cause."""

    cause: str
    frames: int


class Source(Protocol):
    """An open source of frames. Closing it, also from another thread, ends `frames()`."""

    @property
    def info(self) -> SourceInfo: ...

    @property
    def losses(self) -> tuple[SourceLoss, ...]:
        """What was lost so far, one entry a cause."""
        ...

    @property
    def notice(self) -> BridgeError | None:
        """What is wrong at this moment although frames still come; None while all is well."""
        ...

    def frames(self) -> Iterator[Frame]:
        """Blocks for each next frame; ends at the end of a recording.

        Raises:
            SourceLost: the probe went away or fell silent.
        """
        ...

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        """Asks for these settings and returns what the source says it is now set to."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Closing(ABC):
    """What is closed at the end of its `with`."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
