"""The published likelihood ratios, as `likelihood.yaml` lists them."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from typing_extensions import Self

from firmware_bridge.errors import NotFound

SHIPPED = Path(__file__).parent / "likelihood.yaml"

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1, max_length=300)]


class RatioUnknown(NotFound):
    """No published likelihood ratio has this id."""

    code = "likelihood-ratio-unknown"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ratio(_Data):
    """A likelihood ratio with its 95 % interval; an end is None where it is not known."""

    value: Positive
    low: Positive | None = None
    high: Positive | None = None

    @model_validator(mode="after")
    def _in_its_interval(self) -> Self:
        if not (self.low or 0) <= self.value <= (self.high or self.value):
            raise ValueError(f"{self.value:g} is not in its interval")
        return self


class Published(_Data):
    """One row: what a `sign` states of a `condition`. `finding` is the key of the model's finding that the sign rests on, if any."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{3,40}$")]
    condition: Text
    sign: Text
    positive: Ratio
    negative: Ratio
    population: Text
    machine: Text
    source: Text
    finding: Literal["b_lines", "a_lines", "severity_2_plus"] | None = None

    @model_validator(mode="after")
    def _a_sign(self) -> Self:
        if not self.negative.value < 1 < self.positive.value:
            raise ValueError(f"{self.id}: a sign has a positive ratio above 1 and a negative one below 1")
        return self


@lru_cache(maxsize=1)
def published() -> tuple[Published, ...]:
    """The shipped rows."""
    return TypeAdapter(tuple[Published, ...]).validate_python(yaml.load(SHIPPED.read_bytes(), yaml.CSafeLoader))


def published_as(ident: str) -> Published:
    """The row with this id.

    Raises:
        RatioUnknown: there is none.
    """
    for row in published():
        if row.id == ident:
            return row
    known = ", ".join(row.id for row in published())
    raise RatioUnknown(f"No published likelihood ratio is called '{ident}'", f"Known are {known}")
