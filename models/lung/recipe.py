"""The recipe: everything that decides a release, as `recipe.yaml` says it."""

from functools import cached_property
from math import nan
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FilePath, ValidationError, ValidationInfo

from firmware_bridge.errors import InputRefused

RECIPE = Path(__file__).with_name("recipe.yaml")

Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]


def _beside(said: object, info: ValidationInfo) -> object:
    """A file's name as one in the folder that is the validation's context."""
    return info.context / said if isinstance(said, str) and isinstance(info.context, Path) else said


FileBeside = Annotated[FilePath, BeforeValidator(_beside)]


class RecipeWrong(InputRefused):
    """A recipe that cannot be followed."""

    code = "recipe-wrong"


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FindingRecipe(_Said):
    key: str
    name: str
    column: str
    present: tuple[str, ...]
    absent: tuple[str, ...]
    spoken: bool = True

    def label(self, said: str) -> float | None:
        """1 or 0 for what a manifest's column says, NaN for nothing, None for what the recipe does not know."""
        if said in self.present:
            return 1.0
        if said in self.absent:
            return 0.0
        return None if said else nan


class DatasetRecipe(_Said):
    """`fold` may be empty: then patients are spread over the folds by their name. `columns` renames a finding's column in this manifest."""

    folder: str
    name: str
    source: str
    licence: str
    use: Literal["train", "judge"]
    patient: str = "patient"
    fold: str = ""
    zone: str = ""
    columns: dict[str, str] = {}


class NetworkRecipe(_Said):
    name: str
    side: Count
    blocks: Annotated[int, Field(ge=11, le=16)]
    head: Count


class TrainingRecipe(_Said):
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


class Recipe(_Said):
    """`account` is HTML for the card, of what its makers know beyond the figures; it lies beside the recipe."""

    version: str
    folds: Annotated[int, Field(ge=2)]
    alpha: Share
    seed: int
    findings: Annotated[tuple[FindingRecipe, ...], Field(min_length=1)]
    datasets: Annotated[tuple[DatasetRecipe, ...], Field(min_length=1)]
    networks: Annotated[tuple[NetworkRecipe, ...], Field(min_length=1)]
    training: TrainingRecipe
    account: FileBeside | None = None

    @cached_property
    def spoken(self) -> tuple[FindingRecipe, ...]:
        return tuple(finding for finding in self.findings if finding.spoken)

    def without(self, excluded: tuple[str, ...]) -> "Recipe":
        """The same without some data sets; where none is left to train on, those that judged are trained on.

        Raises:
            RecipeWrong: a name is not that of a data set, or none is left.
        """
        there = {dataset.folder for dataset in self.datasets}
        for name in excluded:
            if name not in there:
                raise RecipeWrong(f"there is no data set {name!r} to exclude", f"There are {', '.join(sorted(there))}")
        kept = [dataset for dataset in self.datasets if dataset.folder not in excluded]
        if not any(dataset.use == "train" for dataset in kept):
            kept = [dataset.model_copy(update={"use": "train"}) for dataset in kept]
        if not kept:
            raise RecipeWrong("no data set is left", "Exclude fewer")
        return self.model_copy(update={"datasets": tuple(kept)})


def load_recipe(path: Path = RECIPE, excluded: tuple[str, ...] = ()) -> Recipe:
    """Reads a recipe.

    Raises:
        RecipeWrong: it cannot be read, or says what cannot be followed.
    """
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Recipe.model_validate(said, context=path.parent).without(excluded)
    except OSError as error:
        raise RecipeWrong(f"{path} cannot be read ({error.strerror})", "Name a recipe with --recipe") from error
    except yaml.YAMLError as error:
        raise RecipeWrong(f"{path} is not YAML ({error})", "Correct that line") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise RecipeWrong(
            f"{path}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}", "Correct it; models/lung/recipe.yaml explains"
        ) from error
