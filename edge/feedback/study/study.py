"""What a study tells of each sign: its counts against the reference, and the figures with their intervals.

The cases of one patient, such as two sides, are similar: they make the intervals wider, as `Tally` states. A case without the sign or the
reference is left out, and counted as such.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.feedback.statistics.cases import Cases
from edge.feedback.statistics.confusion import Confusion
from edge.feedback.statistics.figure import NoFigure, Stated
from edge.feedback.statistics.ratios import negative_ratio, positive_ratio
from edge.feedback.study.column_map import ColumnMap, SignColumns
from edge.feedback.study.table import TableRefused
from edge.feedback.truth.condition import Reference

Row = Mapping[str, str]
UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class SignFigures:
    """Of one sign. `cases` have both the sign and the reference, of `patients`; `left_out` lack one of them, and are not in the counts."""

    id: str
    condition: str
    sign: str
    reference: Reference
    counts: Confusion
    cases: int
    left_out: int
    sensitivity: Stated
    specificity: Stated
    positive: Stated
    negative: Stated


@dataclass(frozen=True, slots=True)
class Counted:
    """How many patients have the value, how many have not, and of how many it is not known."""

    name: str
    present: int
    absent: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Study:
    """`patients` are those of the whole table."""

    about: ColumnMap
    patients: int
    signs: tuple[SignFigures, ...]
    counts: tuple[Counted, ...]


def study_of(about: ColumnMap, rows: Sequence[Row]) -> Study:
    """Computes everything that the map names.

    Raises:
        TableRefused: a patient is in the table twice, or has no name.
    """
    names = Counter(row[about.patient] for row in rows)
    if names.get("", 0):
        raise TableRefused(f"{names['']} rows have no patient in the column {about.patient}", "Give each row its patient")
    twice = next((name for name, count in names.items() if count > 1), None)
    if twice is not None:
        raise TableRefused(f"The patient {twice} is in more than one row", "Keep one row for each patient")
    return Study(
        about,
        len(rows),
        tuple(_sign(about, sign, rows) for sign in about.signs),
        tuple(_counted(about, each.name, [row[each.column] for row in rows]) for each in about.counts),
    )


def _sign(about: ColumnMap, sign: SignColumns, rows: Sequence[Row]) -> SignFigures:
    names, patients, truth, answers = [], [], [], []
    for row in rows:
        for name, side in sign.cases.items():
            names.append(f"{row[about.patient]} {name}")
            patients.append(row[about.patient])
            truth.append(_any(about, row, side.truth))
            answers.append(_any(about, row, side.answer))
    cases = Cases.of(names, patients, truth, answers, [UNKNOWN] * len(names))
    assert not isinstance(cases, NoFigure), "each patient has one row, and the map at least one case"
    counts = Confusion.of(cases)
    counted = counts.sensitivity.of + counts.specificity.of
    return SignFigures(
        sign.id,
        sign.condition,
        sign.sign,
        sign.reference,
        counts,
        counted,
        len(names) - counted,
        counts.sensitivity.share(),
        counts.specificity.share(),
        positive_ratio(counts),
        negative_ratio(counts),
    )


def _any(about: ColumnMap, row: Row, columns: Sequence[str]) -> float:
    """1 where one of them is present, 0 where each is absent."""
    cells = [row[column] for column in columns]
    if any(cell in about.present for cell in cells):
        return 1.0
    return 0.0 if all(cell in about.absent for cell in cells) else UNKNOWN


def _counted(about: ColumnMap, name: str, cells: Sequence[str]) -> Counted:
    present, absent = (sum(cell in texts for cell in cells) for texts in (about.present, about.absent))
    return Counted(name, present, absent, len(cells) - present - absent)
