"""The work folder of one network of one recipe; files of another recipe are never used."""

from pathlib import Path

from firmware_bridge.errors import InputRefused
from models.lung.recipe import NetworkRecipe, Recipe, RecipeWrong

RECIPE_FILE = "recipe.json"
PLAIN_WORK = "plain"
"""The folder in WORK with the plain networks."""
TRAIN_FIRST = {
    False: "Run python -m models.lung.train first, with the same options",
    True: "Run python -m models.lung.train --baseline to the end, with the same options",
}
"""The next step for a network that is not trained, by whether it is a plain one."""
NOT_OF_TRAINING = {"version", "account", "alpha", "networks"}
"""Settings that may change without a new training; the folder's own network is recorded, too."""


class NotTrained(InputRefused):
    """The requested network was not trained."""

    code = "not-trained"


def trained(folder: Path, name: str) -> Path:
    """The weights of a trained network in its work folder.

    Raises:
        NotTrained: they do not exist.
    """
    path = folder / f"{name}.pt"
    if not path.exists():
        raise NotTrained(f"{path} does not exist", TRAIN_FIRST[folder.parent.name == PLAIN_WORK])
    return path


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
