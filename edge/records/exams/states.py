"""The state of each zone as recorded: done, skipped with a reason, or, without an entry, not examined. Findings are rows of their own."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class SkipReason(str, Enum):
    """Why a zone could not be taken."""

    DRESSING = "dressing"
    PAIN = "pain"
    POSITION = "position"
    NO_WINDOW = "no window"
    STOPPED = "stopped"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Done:
    """A zone with its clip. `overridden`: the codes of limits that the probe broke while the operator recorded anyway."""

    overridden: tuple[str, ...] = ()
    state: Literal["done"] = "done"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A zone that was skipped, and why."""

    reason: SkipReason
    note: str = ""
    state: Literal["skipped"] = "skipped"


ZoneState = Done | Skipped
"""A zone without one is not examined."""


class ZoneStates(BaseModel):
    """The column `zone_states`. Keys that only a newer program knows are ignored here, and stay in the column (`merged`)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    record_version: Literal[2] = 2
    selected: str | None
    zones: dict[str, Annotated[ZoneState, Field(discriminator="state")]]
