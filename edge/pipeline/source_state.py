"""Where the appliance stands with its source."""

from dataclasses import dataclass
from enum import Enum

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
    """`reason` is the code of what is wrong, `problem` and `fix` are its sentences; all empty while all is well.

    While the state is streaming they tell of something that does not stop the frames: a probe that floods, or another probe.
    """

    state: SourceState
    url: str
    info: SourceInfo | None
    losses: tuple[SourceLoss, ...]
    reason: str = ""
    problem: str = ""
    fix: str = ""
