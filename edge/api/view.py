"""What the API needs to know of the appliance: the appliance provides it, the routers ask it, tests may build it."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from edge.inference.release import ModelRelease
from edge.pipeline.counts import CountsSnapshot
from edge.pipeline.hub import Hub
from edge.settings import Settings
from firmware_bridge.sources.base import SourceInfo, SourceLoss


class SourceState(str, Enum):
    """Where the appliance stands with its source."""

    OPENING = "opening"
    STREAMING = "streaming"
    LOST = "lost"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """`problem` and `fix` are the sentences of the error that led to this state; empty while all is well."""

    state: SourceState
    url: str
    info: SourceInfo | None
    losses: tuple[SourceLoss, ...]
    problem: str = ""
    fix: str = ""


class ApplianceView(Protocol):
    """The running appliance, seen from the API. Every member may be read from the event loop without blocking."""

    @property
    def ready(self) -> bool:
        """True once the model has answered its warm-up."""
        ...

    @property
    def settings(self) -> Settings: ...

    @property
    def release(self) -> ModelRelease: ...

    @property
    def hub(self) -> Hub: ...

    @property
    def counts(self) -> CountsSnapshot: ...

    def source_status(self) -> SourceStatus: ...
