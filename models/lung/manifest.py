"""A data set is a folder with `manifest.csv`: one line a clip, with its file, patient, labels and licence.

What is wrong with it is said with the line, before any hour is spent on training.
"""

import csv
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from firmware_bridge.errors import InputRefused
from models.lung.recipe import DatasetRecipe, FindingRecipe, Recipe

MANIFEST = "manifest.csv"
EXTERNAL = -1
"""The fold of a clip that is never taught."""

Wrong = Callable[[str, str], "ManifestWrong"]


class ManifestWrong(InputRefused):
    """A manifest that cannot be trained from."""

    code = "manifest-wrong"


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """One recording. `labels` holds 1, 0 or NaN (not known) in the order of the recipe's findings; `fold` never splits a patient."""

    path: Path
    dataset: str
    patient: str
    zone: str
    fold: int
    labels: tuple[float, ...]


def load_clips(data: Path, recipe: Recipe) -> list[LabelledClip]:
    """All clips of the recipe's data sets, in the order of their manifests.

    Raises:
        ManifestWrong: a manifest is not there, or one of its lines cannot be used; says which line and why.
    """
    return [clip for dataset in recipe.datasets for clip in _clips_of(data / dataset.folder, dataset, recipe)]


def _clips_of(folder: Path, dataset: DatasetRecipe, recipe: Recipe) -> list[LabelledClip]:
    path = folder / MANIFEST
    clips: list[LabelledClip] = []
    folds: dict[str, tuple[int, int]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            _need_columns(path, tuple(rows.fieldnames or ()), dataset, recipe)
            for row in rows:
                said = {column: (value or "").strip() for column, value in row.items() if column}
                line, wrong = rows.line_num, _wrong_at(path, rows.line_num)
                clip = _clip(folder, said, dataset, recipe, wrong)
                fold, first = folds.setdefault(clip.patient, (clip.fold, line))
                if fold != clip.fold:
                    raise wrong(
                        f"patient {clip.patient} is in fold {clip.fold}, but in {fold} on line {first}", "Put a patient into one fold"
                    )
                clips.append(clip)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ManifestWrong(f"{path} cannot be read ({error})", "Name the folder that holds the data sets with --data") from error
    if not clips:
        raise ManifestWrong(f"{path} names no clip", "Write one line a clip")
    return clips


def _wrong_at(path: Path, line: int) -> Wrong:
    return lambda what, fix: ManifestWrong(f"{path}, line {line}: {what}", fix)


def _need_columns(path: Path, there: tuple[str, ...], dataset: DatasetRecipe, recipe: Recipe) -> None:
    wanted = ["file", "licence", dataset.patient, *filter(None, (dataset.fold, dataset.zone))]
    wrong = _wrong_at(path, 1)
    if missing := [column for column in wanted if column not in there]:
        raise wrong(f"no column {', '.join(missing)}", f"There are: {', '.join(there) or 'none'}")
    columns = [_column(finding, dataset) for finding in recipe.findings]
    if not set(columns) & set(there):
        raise wrong("no column of any finding", f"Findings are read from: {', '.join(columns)}")


def _clip(folder: Path, said: dict[str, str], dataset: DatasetRecipe, recipe: Recipe, wrong: Wrong) -> LabelledClip:
    file = folder / said["file"]
    if not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
        raise wrong(f"the file {said['file']!r} is not in the folder", "Correct its name, or take the line out")
    for column in (dataset.patient, "licence"):
        if not said[column]:
            raise wrong(f"no {column}", "Every clip has a patient and a licence")
    labels = tuple(_label(said, finding, dataset, wrong) for finding in recipe.findings)
    fold = _fold(said, dataset, recipe, wrong)
    return LabelledClip(file, dataset.folder, said[dataset.patient], said.get(dataset.zone, ""), fold, labels)


def _column(finding: FindingRecipe, dataset: DatasetRecipe) -> str:
    return dataset.columns.get(finding.column, finding.column)


def _label(said: dict[str, str], finding: FindingRecipe, dataset: DatasetRecipe, wrong: Wrong) -> float:
    column = _column(finding, dataset)
    text = said.get(column, "")
    label = finding.label(text)
    if label is None:
        known = ", ".join((*finding.present, *finding.absent))
        raise wrong(f"{column} is {text!r}", f"Expected one of {known}, or nothing where it is not known")
    return label


def _fold(said: dict[str, str], dataset: DatasetRecipe, recipe: Recipe, wrong: Wrong) -> int:
    """As the manifest says; where it has no folds, the same one for every clip of a patient."""
    if dataset.use == "judge":
        return EXTERNAL
    if not dataset.fold:
        return zlib.crc32(said[dataset.patient].encode()) % recipe.folds
    text = said[dataset.fold]
    if not text.isdecimal() or int(text) >= recipe.folds:
        raise wrong(f"the fold is {text!r}", f"Expected 0 to {recipe.folds - 1}")
    return int(text)
