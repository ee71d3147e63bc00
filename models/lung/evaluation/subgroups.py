"""Is a release worse for some patients or zones? Age, sex, BMI and BLUE point, from `clinical_variables.csv` and the manifest."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.inference.statistics import Estimate, Flags, auc, estimate
from models.lung.evaluation.clips import Clips

CLINICAL = "clinical_variables.csv"
FEWEST_CLIPS, FEWEST_PATIENTS = 10, 5
"""A group gets no figures with fewer clips with the finding, fewer clips without it, or fewer patients."""
NOT_KNOWN = -99.0

Grouping = Callable[[float], str]
VARIABLES: Mapping[str, tuple[str, Grouping]] = {
    "age": ("pat_age", lambda years: "under 50" if years < 50 else "50 to 70" if years <= 70 else "over 70"),
    "sex": ("pat_sex", lambda code: "male" if code == 1 else "female"),
    "BMI": ("pat_bmi", lambda kg_m2: "under 25" if kg_m2 < 25 else "25 to 30" if kg_m2 <= 30 else "over 30"),
}
"""The grouping variables: the column, and the group of a value."""
ORDER = ("under 50", "50 to 70", "over 70", "female", "male", "under 25", "25 to 30", "over 30")

Clinical = Mapping[str, Mapping[str, str]]
"""By patient number: the group of each variable; empty if unknown."""


@dataclass(frozen=True, slots=True)
class Figures:
    auc: Estimate
    sensitivity: Estimate
    specificity: Estimate


@dataclass(frozen=True, slots=True)
class Subgroup:
    """`figures` is None for a group that is too small."""

    variable: str
    group: str
    clips: int
    patients: int
    positives: int
    figures: Figures | None


def load_clinical(folder: Path) -> Clinical:
    """Reads a data set's folder; empty if there is no such file."""
    path = folder / CLINICAL
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {_number(row["patient_id"]): {name: _group(row[column], of) for name, (column, of) in VARIABLES.items()} for row in rows}


def subgroups(clips: Clips, clinical: Clinical) -> tuple[Subgroup, ...]:
    """Every non-empty group of one data set's clips."""
    patients = [clinical.get(_number(patient), {}) for patient in clips.patients]
    groups = {name: np.array([patient.get(name, "") for patient in patients]) for name in VARIABLES}
    groups["BLUE point"] = clips.zone
    return tuple(
        _subgroup(clips.at(of == group), variable, str(group))
        for variable, of in groups.items()
        for group in sorted(set(of.tolist()) - {""}, key=lambda group: (ORDER.index(group) if group in ORDER else len(ORDER), group))
    )


def _subgroup(clips: Clips, variable: str, group: str) -> Subgroup:
    present, patients = clips.present, len(np.unique(clips.patients))
    enough = min(present.sum(), (~present).sum()) >= FEWEST_CLIPS and patients >= FEWEST_PATIENTS
    figures = _figures(clips, present) if enough else None
    return Subgroup(variable, group, len(clips), patients, int(present.sum()), figures)


def _figures(clips: Clips, present: Flags) -> Figures:
    return Figures(
        auc=estimate(auc(clips.int8_logits, clips.labels), clips.draws),
        sensitivity=clips.share(clips.called, present),
        specificity=clips.share(~clips.called, ~present),
    )


def _number(patient: str) -> str:
    """blues_p07 in the manifest is 7 among the clinical variables."""
    return patient.rpartition("_p")[2].lstrip("0") or "0"


def _group(text: str, of: Grouping) -> str:
    try:
        value = float(text)
    except ValueError:
        return ""
    return "" if np.isnan(value) or value == NOT_KNOWN else of(value)
