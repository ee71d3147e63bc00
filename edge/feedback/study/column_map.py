"""The column map of a study: which columns of its table are a patient, a sign and its reference. It is data, in YAML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from edge.disk.plain_file import NotPlain, read_plain
from edge.disk.structured import LARGEST, load_yaml
from edge.feedback.truth.condition import Reference, condition_as
from firmware_bridge.errors import InputRefused, NotFound

SHIPPED = Path(__file__).parent / "maps"

Text = Annotated[str, Field(min_length=1, max_length=300)]
Column = Annotated[str, Field(min_length=1, max_length=200)]
Columns = Annotated[tuple[Column, ...], Field(min_length=1, max_length=50)]
Ident = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,40}$")]


class MapInvalid(InputRefused):
    """The column map cannot be used."""

    code = "column-map-invalid"


class MapAbsent(NotFound):
    """No column map is given for a table, and none is shipped for it."""

    code = "column-map-absent"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Side(_Data):
    """One case of a patient: present where one of the columns is, absent where all are, else not known."""

    answer: Columns
    truth: Columns


class SignColumns(_Data):
    """A sign of a condition, and the reference for it; `cases` by a name such as `left`. One patient can have several."""

    id: Ident
    condition: str
    sign: Text
    reference: Reference
    cases: Annotated[Mapping[Ident, Side], Field(min_length=1, max_length=50)]

    @field_validator("condition")
    @classmethod
    def _is_known(cls, condition: str) -> str:
        try:
            return condition_as(condition).id
        except NotFound as error:
            raise ValueError(str(error)) from error


class CountColumn(_Data):
    """A column of which only the values are counted."""

    name: Text
    column: Column


class ColumnMap(_Data):
    """`present` and `absent` are the texts of the cells; every other text, and an empty cell, is not known."""

    id: Ident
    name: Text
    population: Text
    machine: Text
    source: Text
    patient: Column
    present: Columns
    absent: Columns
    signs: Annotated[tuple[SignColumns, ...], Field(min_length=1, max_length=100)]
    counts: Annotated[tuple[CountColumn, ...], Field(max_length=100)] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it names, once."""
        of_signs = [column for sign in self.signs for side in sign.cases.values() for column in (*side.answer, *side.truth)]
        return tuple(dict.fromkeys([self.patient, *of_signs, *(each.column for each in self.counts)]))


def load_map(path: Path) -> ColumnMap:
    """The map in a file.

    Raises:
        MapInvalid: it cannot be read, or its first fault, with its place.
    """
    fix = "Correct it; docs/feedback.md shows one"
    try:
        return ColumnMap.model_validate(load_yaml(read_plain(path, LARGEST), yaml.CSafeLoader))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise MapInvalid(f"{path}: {place}: {first['msg'].removeprefix('Value error, ')}", fix) from error
    except NotPlain as error:
        raise MapInvalid(f"{path} is not a column map: {error}", fix) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise MapInvalid(f"{path} cannot be read: {' '.join(str(error).split())}", fix) from error


def shipped_map(table: Path) -> ColumnMap:
    """The shipped map for a table, by the name of its file.

    Raises:
        MapAbsent: there is none.
    """
    path = SHIPPED / f"{table.stem}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(f"{each.stem}.csv" for each in SHIPPED.glob("*.yaml")))
        raise MapAbsent(f"No column map is shipped for {table.name}", f"Give one with --map; those for {known} are shipped")
    return load_map(path)
