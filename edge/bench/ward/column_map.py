"""The column map of a folder of recorded patients: which column is the patient, the clip, a label, a reference. It is data, in YAML."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from typing_extensions import Self

from edge.disk.plain_file import read_plain
from edge.disk.structured import LARGEST, load_yaml
from edge.exam.protocol.protocol import FindingKey
from edge.feedback.study.column_map import Column, Columns, Ident, MapInvalid, Text
from edge.feedback.truth.condition import Reference, condition_as
from firmware_bridge.errors import InputRefused, NotFound
from firmware_bridge.machine import Machine

SHIPPED = Path(__file__).parent / "maps" / "covid_blues.yaml"

FileName = Annotated[str, Field(pattern=r"^[\w-][\w. -]{0,100}$")]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Known(_Data):
    """A column that states whether something is present; every other text, and an empty cell, is not known."""

    column: Column
    present: Columns
    absent: Columns

    def of(self, row: Mapping[str, str]) -> bool | None:
        """What a row states."""
        cell = row[self.column]
        return True if cell in self.present else False if cell in self.absent else None


class OutcomeColumn(Known):
    """A reference test of the patient, and the condition that it determines."""

    condition: str
    reference: Reference

    @model_validator(mode="after")
    def _determines(self) -> Self:
        try:
            references = condition_as(self.condition).references
        except NotFound as error:
            raise ValueError(str(error)) from error
        if self.reference not in references:
            raise ValueError(f"{self.reference.value} does not determine {self.condition}; {', '.join(references)} do")
        return self


class SexColumn(_Data):
    column: Column
    female: Columns
    male: Columns

    def of(self, row: Mapping[str, str]) -> Literal["female", "male"] | None:
        """What a row states."""
        cell = row[self.column]
        return "female" if cell in self.female else "male" if cell in self.male else None


class ClipColumns(_Data):
    """A row for each clip. `file` is a path below the folder; `labels` are what the readers of the data set state; `score` is 0 to 3."""

    table: FileName
    patient: Column
    file: Column
    zone: Column
    labels: Annotated[Mapping[FindingKey, Known], Field(min_length=1)]
    score: Column | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it names, once."""
        named = (self.patient, self.file, self.zone, self.score, *(each.column for each in self.labels.values()))
        return tuple(dict.fromkeys(filter(None, named)))


class PatientColumns(_Data):
    """A row for each patient; `called` is the name of the patient in the table of the clips, with {} for the cell.

    `measurements` are those of `edge.records.exams.context.KINDS`; a value that is not possible is not known.
    """

    table: FileName
    patient: Column
    called: Annotated[str, Field(pattern=r"^[^{}]*\{\}[^{}]*$", max_length=100)] = "{}"
    age: Column | None = None
    sex: SexColumn | None = None
    measurements: Mapping[Literal["spo2", "respiratory_rate", "temperature", "pulse"], Column] = {}
    outcomes: Annotated[tuple[OutcomeColumn, ...], Field(max_length=20)] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it names, once."""
        return tuple(dict.fromkeys(self._named()))

    def _named(self) -> Iterator[str]:
        yield self.patient
        yield from filter(None, (self.age, self.sex and self.sex.column))
        yield from self.measurements.values()
        yield from (each.column for each in self.outcomes)


class WardMap(_Data):
    """`machine` made the clips, as a person states it; `note` is shown with the figures of the model."""

    id: Ident
    name: Text
    source: Text
    note: Text | None = None
    machine: Text
    protocol: Ident
    clips: ClipColumns
    patients: PatientColumns

    @field_validator("machine")
    @classmethod
    def _is_a_name(cls, machine: str) -> str:
        try:
            return Machine.stated(machine).name
        except InputRefused as error:
            raise ValueError(error.what) from error


def load_ward_map(path: Path) -> WardMap:
    """The map in a file.

    Raises:
        MapInvalid: it cannot be read, or its first fault, with its place.
    """
    fix = f"Correct it; {SHIPPED} is an example"
    try:
        return WardMap.model_validate(load_yaml(read_plain(path, LARGEST, links=True), yaml.CSafeLoader))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise MapInvalid(f"{path}: {place}: {first['msg'].removeprefix('Value error, ')}", fix) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise MapInvalid(f"{path} cannot be read: {' '.join(str(error).split())}", fix) from error
