"""The state of the appliance's source."""

from dataclasses import dataclass
from enum import Enum

from firmware_bridge.says import Says
from firmware_bridge.sources.base import SourceInfo, SourceLoss


class SourceState(str, Enum):
    """The state of the appliance's source."""

    OPENING = "opening"
    STREAMING = "streaming"
    LOST = "lost"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """`reason` is the code of the fault, `problem` and `fix` are its sentences; all are empty while there is no fault.

    In the state streaming, they describe a fault that does not stop the frames: a probe that floods, or a different probe. `says` is
    what a page translates of the sentences.
    """

    state: SourceState
    url: str
    info: SourceInfo | None
    losses: tuple[SourceLoss, ...]
    reason: str = ""
    problem: str = ""
    fix: str = ""
    says: Says | None = None
