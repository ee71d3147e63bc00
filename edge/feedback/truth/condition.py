"""The conditions whose presence an outcome can state, as `conditions.yaml` lists them."""

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from firmware_bridge.errors import NotFound

SHIPPED = Path(__file__).parent / "conditions.yaml"

Level = Annotated[int, Field(ge=1, le=3)]
"""How far a reference determines a condition: 3 is the accepted reference, 1 a weak one."""


class Reference(str, Enum):
    """How a condition became known."""

    CT = "ct"
    LABORATORY = "laboratory"
    PANEL = "panel"
    """Several experts, with everything that is known of the patient."""
    XRAY = "x-ray"
    OVER_READ = "over-read"
    """One expert read the same images again."""
    FOLLOW_UP = "follow-up"
    """The diagnosis at the discharge, or the course of the patient."""


class ConditionUnknown(NotFound):
    """No condition has this id."""

    code = "condition-unknown"
    says_code = "condition_unknown"


class Condition(BaseModel):
    """`findings` are the model's findings whose presence speaks for it; `references` are those that determine it, each with its level."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{3,40}$")]
    name: Annotated[str, Field(min_length=3, max_length=60)]
    findings: tuple[Literal["b_lines", "a_lines", "severity_2_plus"], ...]
    references: Annotated[Mapping[Reference, Level], Field(min_length=1)]


@lru_cache(maxsize=1)
def conditions() -> tuple[Condition, ...]:
    """The shipped conditions."""
    return TypeAdapter(tuple[Condition, ...]).validate_python(yaml.load(SHIPPED.read_bytes(), yaml.CSafeLoader))


def condition_as(ident: str) -> Condition:
    """The condition with this id.

    Raises:
        ConditionUnknown: there is none.
    """
    for each in conditions():
        if each.id == ident:
            return each
    known = ", ".join(each.id for each in conditions())
    raise ConditionUnknown("No condition is called {given}", "Known are {known}", given=ident, known=known)
