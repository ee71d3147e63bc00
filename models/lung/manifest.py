"""A data set is a folder with `manifest.csv`: one line per clip, with its file, patient, labels and licence.

The whole manifest is checked before training; each error names the line.
"""

import csv
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path

from firmware_bridge.errors import InputRefused
from firmware_bridge.example_data import manifest_of
from models.lung.recipe import DatasetRecipe, FindingRecipe, Recipe

OTHER_DATA = "Give the folder of your own data sets with --data"
EXTERNAL = -1
"""The fold of a clip that is never used for training."""

Wrong = Callable[[str, str], "ManifestWrong"]


class ManifestWrong(InputRefused):
    """A manifest that is not usable for training."""

    code = "manifest-wrong"


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """One recording. `labels` holds 1, 0 or NaN (unknown) in the order of the recipe's findings; all clips of a patient have one `fold`.

    `source` names the whole source that is in one fold, or is empty. `healthy`: the manifest states that the lung is.
    """

    path: Path
    dataset: str
    patient: str
    zone: str
    fold: int
    labels: tuple[float, ...]
    source: str = ""
    healthy: bool = False

    @property
    def taught(self) -> bool:
        """A network can learn from it: it is in a fold, and at least one label is known."""
        return self.fold != EXTERNAL and not all(map(isnan, self.labels))


def load_clips(data: Path, recipe: Recipe) -> list[LabelledClip]:
    """All clips of the recipe's data sets, in the order of their manifests.

    Raises:
        ExampleDataAbsent: a data set has no manifest.
        ManifestWrong: a manifest cannot be read, or a line is not valid; the message names the line and the reason.
    """
    return [clip for dataset in recipe.datasets for clip in _clips_of(data / dataset.folder, dataset, recipe)]


def _clips_of(folder: Path, dataset: DatasetRecipe, recipe: Recipe) -> list[LabelledClip]:
    path = manifest_of(folder, OTHER_DATA)
    clips: list[LabelledClip] = []
    folds: dict[str, tuple[int, int]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            _need_columns(path, tuple(rows.fieldnames or ()), dataset, recipe)
            for row in rows:
                cells = {column: (value or "").strip() for column, value in row.items() if column}
                line, wrong = rows.line_num, _wrong_at(path, rows.line_num)
                clip = _clip(folder, cells, dataset, recipe, wrong)
                fold, first = folds.setdefault(clip.patient, (clip.fold, line))
                if fold != clip.fold:
                    raise wrong(
                        f"patient {clip.patient} is in fold {clip.fold}, but in {fold} on line {first}",
                        "Put all clips of a patient into one fold",
                    )
                clips.append(clip)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ManifestWrong(f"{path} cannot be read ({error})", OTHER_DATA) from error
    if not clips:
        raise ManifestWrong(f"{path} lists no clip", "Write one line per clip")
    if absent := sorted(set(dataset.left_out) - {clip.source for clip in clips}):
        raise ManifestWrong(f"{path} lists no clip of the source {', '.join(absent)}", "Correct left_out in the recipe")
    return clips


def _wrong_at(path: Path, line: int) -> Wrong:
    return lambda what, fix: ManifestWrong(f"{path}, line {line}: {what}", fix)


def _need_columns(path: Path, there: tuple[str, ...], dataset: DatasetRecipe, recipe: Recipe) -> None:
    cells = (*dataset.weak, *filter(None, [dataset.healthy]))
    optional = (dataset.fold, dataset.zone, dataset.origin, *(cell.column for cell in cells))
    wanted = ["file", "licence", dataset.patient, *filter(None, optional)]
    wrong = _wrong_at(path, 1)
    if missing := [column for column in wanted if column not in there]:
        raise wrong(f"no column {', '.join(missing)}", f"The file has these columns: {', '.join(there) or 'none'}")
    columns = [_column(finding, dataset) for finding in recipe.findings]
    if not set(columns) & set(there):
        raise wrong("no column for any finding", f"Add at least one of these columns: {', '.join(columns)}")


def _clip(folder: Path, cells: dict[str, str], dataset: DatasetRecipe, recipe: Recipe, wrong: Wrong) -> LabelledClip:
    file = folder / cells["file"]
    if not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
        raise wrong(f"the file {cells['file']!r} is not in the folder", "Correct the name, or remove the line")
    for column in (dataset.patient, "licence"):
        if not cells[column]:
            raise wrong(f"no {column}", "Every clip needs a patient and a licence")
    labels = tuple(_label(cells, finding, dataset, wrong) for finding in recipe.findings)
    source = _source(cells.get(dataset.origin, ""), dataset)
    return LabelledClip(
        path=file,
        dataset=dataset.folder,
        patient=cells[dataset.patient],
        zone=cells.get(dataset.zone, ""),
        fold=_fold(cells, source, dataset, recipe, wrong),
        labels=labels,
        source=source,
        healthy=dataset.healthy is not None and dataset.healthy.of(cells),
    )


def _source(origin: str, dataset: DatasetRecipe) -> str:
    return next((name for name, part in dataset.left_out.items() if part in origin), "")


def _column(finding: FindingRecipe, dataset: DatasetRecipe) -> str:
    return dataset.columns.get(finding.column, finding.column)


def _label(cells: dict[str, str], finding: FindingRecipe, dataset: DatasetRecipe, wrong: Wrong) -> float:
    column = _column(finding, dataset)
    text = cells.get(column, "")
    label = finding.label(text)
    if label is None:
        known = ", ".join((*finding.present, *finding.absent))
        raise wrong(f"{column} is {text!r}", f"Expected one of {known}, or an empty cell if unknown")
    return _weak(cells, finding, dataset) if isnan(label) else label


def _weak(cells: dict[str, str], finding: FindingRecipe, dataset: DatasetRecipe) -> float:
    fitting = (weak for weak in dataset.weak if weak.finding == finding.key and weak.of(cells))
    return next((float(weak.present) for weak in fitting), nan)


def _fold(cells: dict[str, str], source: str, dataset: DatasetRecipe, recipe: Recipe, wrong: Wrong) -> int:
    """The fold of the whole source, or that in the manifest; if the manifest has no folds, a fold from the patient's name."""
    if dataset.use == "judge":
        return EXTERNAL
    if source:
        return list(dataset.left_out).index(source) % recipe.folds
    if not dataset.fold:
        return zlib.crc32(cells[dataset.patient].encode()) % recipe.folds
    text = cells[dataset.fold]
    if not text.isdecimal() or int(text) >= recipe.folds:
        raise wrong(f"the fold is {text!r}", f"Expected 0 to {recipe.folds - 1}")
    return int(text)
