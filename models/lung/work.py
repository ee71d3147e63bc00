"""The folder in which one network of one recipe grows; what another recipe made is never taken for it."""

from pathlib import Path

from models.lung.recipe import NetworkRecipe, Recipe, RecipeWrong

RECIPE_FILE = "recipe.json"
NOT_OF_TRAINING = {"version", "account", "alpha", "networks"}
"""What may change without training again; the folder's own network is kept beside."""


def work_folder(work: Path, network: NetworkRecipe, recipe: Recipe) -> Path:
    """WORK/NAME, made if it is not there.

    Raises:
        RecipeWrong: what is in it was made by another recipe.
    """
    folder = work / network.name
    folder.mkdir(parents=True, exist_ok=True)
    said = network.model_dump_json() + "\n" + recipe.model_dump_json(exclude=NOT_OF_TRAINING) + "\n"
    file = folder / RECIPE_FILE
    if not file.exists():
        file.write_text(said, encoding="utf-8")
    elif file.read_text(encoding="utf-8") != said:
        raise RecipeWrong(f"{folder} was made by another recipe, or from other data sets", "Name another folder with --work, or remove it")
    return folder
