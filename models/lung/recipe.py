"""The recipe: all settings that define a release, as in `recipe.yaml`."""

from collections.abc import Mapping
from functools import cached_property
from math import nan
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FilePath, ValidationError, ValidationInfo, model_validator
from typing_extensions import Self

from firmware_bridge.errors import InputRefused

RECIPE = Path(__file__).with_name("recipe.yaml")

Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
PLAIN: Mapping[str, float | bool] = {"augment": False, "smoothing": 0.0, "dropout": 0.0, "unspoken_weight": 0.0}
"""The settings of the plain network, whose AUC is the floor that a release has to reach."""
SourceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]


def _next_to_recipe(value: object, info: ValidationInfo) -> object:
    """A file's name as a path in the recipe's folder (the validation context)."""
    return info.context / value if isinstance(value, str) and isinstance(info.context, Path) else value


FileNextToRecipe = Annotated[FilePath, BeforeValidator(_next_to_recipe)]


class RecipeWrong(InputRefused):
    """A recipe that is not valid."""

    code = "recipe-wrong"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FindingRecipe(_Part):
    key: str
    name: str
    column: str
    present: tuple[str, ...]
    absent: tuple[str, ...]
    spoken: bool = True

    def label(self, text: str) -> float | None:
        """1 or 0 for a text in a manifest's column, NaN for an empty text, None for a text that is not in the recipe."""
        if text in self.present:
            return 1.0
        if text in self.absent:
            return 0.0
        return None if text else nan


class Cell(_Part):
    """The clips of a manifest whose `column` holds `text`."""

    column: str
    text: str

    def of(self, cells: Mapping[str, str]) -> bool:
        return cells.get(self.column) == self.text


class WeakLabel(Cell):
    """The label of `finding` where its own cell is empty: readers did not state it."""

    finding: str
    present: bool


class MachineRecipe(_Part):
    maker: str
    model: str
    probe: str = ""


class DatasetRecipe(_Part):
    """If `fold` is empty, each patient's name decides the fold. `columns` gives other names for findings' columns in this manifest.

    `left_out` maps the name of a whole source to a part of its clips' cells in the column `origin`; these clips are in one fold.
    """

    folder: str
    name: str
    source: str
    licence: str
    use: Literal["train", "judge"]
    patient: str = "patient"
    fold: str = ""
    zone: str = ""
    columns: dict[str, str] = {}
    machine: MachineRecipe | None = None
    weak: tuple[WeakLabel, ...] = ()
    healthy: Cell | None = None
    origin: str = ""
    left_out: dict[SourceName, str] = {}

    @model_validator(mode="after")
    def _sources_need_a_column(self) -> Self:
        if self.left_out and not self.origin:
            raise ValueError("left_out needs the column that names a clip's source: add origin")
        return self


class NetworkRecipe(_Part):
    name: str
    side: Count
    blocks: Annotated[int, Field(ge=11, le=16)]
    head: Count


class TrainingRecipe(_Part):
    frames_per_clip: Count
    frames_per_step: Count
    clips_per_step: Count
    epochs: Count
    peak_rate: float
    weight_decay: float
    smoothing: float
    spoken_weight: float
    unspoken_weight: float
    dropout: float
    augment: bool = True


class Recipe(_Part):
    """`account` is an HTML file next to the recipe: the makers' remarks for the card."""

    version: str
    folds: Annotated[int, Field(ge=2)]
    alpha: Share
    seed: int
    findings: Annotated[tuple[FindingRecipe, ...], Field(min_length=1)]
    datasets: Annotated[tuple[DatasetRecipe, ...], Field(min_length=1)]
    networks: Annotated[tuple[NetworkRecipe, ...], Field(min_length=1)]
    training: TrainingRecipe
    account: FileNextToRecipe | None = None

    @model_validator(mode="after")
    def _weak_labels_have_a_finding(self) -> Self:
        keys = {finding.key for finding in self.findings}
        for dataset in self.datasets:
            if unknown := sorted({weak.finding for weak in dataset.weak} - keys):
                raise ValueError(f"weak labels of {dataset.folder} name no finding of the recipe: {', '.join(unknown)}")
        return self

    @cached_property
    def calibrated_on(self) -> frozenset[str]:
        """The data sets whose clips fit calibration and prediction sets: training sets of one machine, or all if there are none."""
        taught = [dataset for dataset in self.datasets if dataset.use == "train"]
        return frozenset(each.folder for each in ([each for each in taught if each.machine] or taught))

    @cached_property
    def spoken(self) -> tuple[FindingRecipe, ...]:
        return tuple(finding for finding in self.findings if finding.spoken)

    def plain(self) -> "Recipe":
        """The recipe of the plain network: the same clips, steps and schedule, without what this project adds to them."""
        return self.model_copy(update={"training": self.training.model_copy(update=dict(PLAIN))})

    def without(self, excluded: tuple[str, ...]) -> "Recipe":
        """The recipe without some data sets. If no training set remains, the test sets are used for training.

        Raises:
            RecipeWrong: a data set does not exist, or no data set remains.
        """
        there = {dataset.folder for dataset in self.datasets}
        for name in excluded:
            if name not in there:
                raise RecipeWrong(f"there is no data set {name!r} to exclude", f"Use one of {', '.join(sorted(there))}")
        remaining = [dataset for dataset in self.datasets if dataset.folder not in excluded]
        if not any(dataset.use == "train" for dataset in remaining):
            remaining = [dataset.model_copy(update={"use": "train"}) for dataset in remaining]
        if not remaining:
            raise RecipeWrong("no data set remains", "Exclude fewer data sets")
        return self.model_copy(update={"datasets": tuple(remaining)})


def load_recipe(path: Path = RECIPE, excluded: tuple[str, ...] = ()) -> Recipe:
    """Reads a recipe.

    Raises:
        RecipeWrong: the file cannot be read, or its content is not valid.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Recipe.model_validate(content, context=path.parent).without(excluded)
    except OSError as error:
        raise RecipeWrong(f"{path} cannot be read ({error.strerror})", "Give a recipe with --recipe") from error
    except yaml.YAMLError as error:
        raise RecipeWrong(f"{path} is not YAML ({error})", "Correct that line") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise RecipeWrong(
            f"{path}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}",
            "Correct the recipe; models/lung/recipe.yaml explains each setting",
        ) from error
