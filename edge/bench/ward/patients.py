"""The recorded patients of a folder, as its column map states them: their clips with labels, and what is known of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.bench.ward.column_map import PatientColumns, WardMap
from edge.disk.plain_file import inside
from edge.exam.manifest import ManifestClip
from edge.exam.protocol.protocol import WORST, Protocol
from edge.feedback.study.table import read_table
from edge.records.exams.context import KINDS, OLDEST_YEARS
from firmware_bridge.errors import InputRefused

SCORES = {str(score): score for score in range(WORST + 1)}
FIX = "Give a folder in the form of COVID-BLUES, or state its form with --map; docs/feedback.md shows how"

Row = Mapping[str, str]


class WardRefused(InputRefused):
    """The folder does not fit its column map."""

    code = "ward-refused"


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """`labels` are those of the data set: True is present, and a finding that is not known is absent from them."""

    clip: ManifestClip
    labels: Mapping[str, bool]
    score: int | None


@dataclass(frozen=True, slots=True)
class WardPatient:
    """`outcomes` are the results of the reference tests, in the order of the map; None where one is not known."""

    name: str
    clips: tuple[LabelledClip, ...]
    age_years: float | None
    sex: Literal["female", "male"] | None
    measurements: Mapping[str, float]
    outcomes: tuple[bool | None, ...]


def patients_in(folder: Path, about: WardMap, protocol: Protocol) -> tuple[WardPatient, ...]:
    """The patients, in the order of their names.

    Raises:
        WardRefused, TableRefused: the folder does not fit the map, or a clip the protocol.
    """
    by_patient: dict[str, list[LabelledClip]] = {}
    for number, row in enumerate(_rows(folder, about.clips.table, about.clips.columns), 2):
        each = _clip(folder, about, row, f"{folder / about.clips.table}, row {number}")
        if each.clip.zone not in {zone.id for zone in protocol.zones}:
            known = ", ".join(zone.id for zone in protocol.zones)
            place = f"{folder / about.clips.table}, row {number}"
            raise WardRefused(f"{place}: {protocol.id} has no zone '{each.clip.zone}'; it has {known}", FIX)
        by_patient.setdefault(each.clip.patient, []).append(each)
    known_rows = _by_name(folder, about.patients)
    names = sorted(by_patient, key=_key)
    unknown = next((name for name in names if _key(name) not in known_rows), None)
    if unknown is not None:
        raise WardRefused(f"{folder / about.patients.table} has no row of the patient {unknown}, whose clips are there", FIX)
    return tuple(_patient(name, by_patient[name], about.patients, known_rows[_key(name)]) for name in names)


def _rows(folder: Path, table: str, columns: tuple[str, ...]) -> tuple[Row, ...]:
    if not (folder / table).is_file():
        raise WardRefused(f"{folder} has no {table}", FIX)
    return read_table(folder / table, columns)


def _clip(folder: Path, about: WardMap, row: Row, place: str) -> LabelledClip:
    columns = about.clips
    patient, file = row[columns.patient], row[columns.file]
    path = inside(folder, *Path(file).parts) if file else None
    if not patient or path is None or not path.is_file():
        raise WardRefused(f"{place}: " + (f"there is no file '{file}' in {folder}" if patient else "the patient is missing"), FIX)
    labels: dict[str, bool] = {key: known for key, column in columns.labels.items() if (known := column.of(row)) is not None}
    score = SCORES.get(row[columns.score]) if columns.score else None
    return LabelledClip(ManifestClip(path, patient, row[columns.zone]), labels, score)


def _by_name(folder: Path, columns: PatientColumns) -> dict[tuple[str | int, ...], Row]:
    found: dict[tuple[str | int, ...], Row] = {}
    for row in _rows(folder, columns.table, columns.columns):
        name = columns.called.format(row[columns.patient])
        if _key(name) in found:
            raise WardRefused(f"{folder / columns.table} has the patient {name} in more than one row", "Keep one row for each patient")
        found[_key(name)] = row
    return found


def _patient(name: str, clips: list[LabelledClip], columns: PatientColumns, row: Row) -> WardPatient:
    age = _number(row[columns.age]) if columns.age else None
    return WardPatient(
        name,
        tuple(clips),
        age if age is not None and 0 <= age <= OLDEST_YEARS else None,
        columns.sex.of(row) if columns.sex else None,
        dict(_measured(columns, row)),
        tuple(each.of(row) for each in columns.outcomes),
    )


def _measured(columns: PatientColumns, row: Row) -> Iterator[tuple[str, float]]:
    for name, column in columns.measurements.items():
        value, kind = _number(row[column]), KINDS[name]
        if value is not None and kind.least <= value <= kind.most:
            yield name, value


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _key(name: str) -> tuple[str | int, ...]:
    """For the order of names, and to compare them: `p2` comes before `p10`, and is `p02`."""
    return tuple(int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name.casefold()))
