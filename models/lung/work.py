"""The work folder of one network of one recipe; files of another recipe are never used."""

from pathlib import Path

from models.lung.recipe import NetworkRecipe, Recipe, RecipeWrong

RECIPE_FILE = "recipe.json"
NOT_OF_TRAINING = {"version", "account", "alpha", "networks"}
"""Settings that may change without a new training; the folder's own network is recorded, too."""


def work_folder(work: Path, network: NetworkRecipe, recipe: Recipe) -> Path:
    """WORK/NAME; created if it does not exist.

    Raises:
        RecipeWrong: its files come from another recipe.
    """
    folder = work / network.name
    folder.mkdir(parents=True, exist_ok=True)
    description = network.model_dump_json() + "\n" + recipe.model_dump_json(exclude=NOT_OF_TRAINING) + "\n"
    file = folder / RECIPE_FILE
    if not file.exists():
        file.write_text(description, encoding="utf-8")
    elif file.read_text(encoding="utf-8") != description:
        raise RecipeWrong(f"{folder} comes from another recipe or other data sets", "Give another folder with --work, or remove this one")
    return folder
