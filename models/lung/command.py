"""What the commands of the recipe have in common: their options, and errors in one line."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from firmware_bridge.errors import SonoEdgeError
from models.lung.recipe import RECIPE, NetworkRecipe, Recipe, RecipeWrong, load_recipe

DataOption = Annotated[Path, typer.Option("--data", envvar="SONOEDGE_DATA", help="Folder that holds the data sets, a folder each.")]
WorkOption = Annotated[Path, typer.Option("--work", help="Folder for networks and all else that is made on the way.")]
RecipeOption = Annotated[Path | None, typer.Option("--recipe", help="A recipe of your own, instead of models/lung/recipe.yaml.")]
ExcludeOption = Annotated[
    list[str] | None, typer.Option("--exclude", metavar="FOLDER", help="A data set to do without; may be given again.")
]
NetworkOption = Annotated[str | None, typer.Option("--network", metavar="NAME", help="One network of the recipe only.")]


def chosen(recipe_file: Path | None, exclude: list[str] | None, network: str | None) -> tuple[Recipe, tuple[NetworkRecipe, ...]]:
    """The recipe and its networks as the options say.

    Raises:
        RecipeWrong: the recipe, a data set or the network is not there.
    """
    recipe = load_recipe(recipe_file or RECIPE, tuple(exclude or ()))
    networks = tuple(each for each in recipe.networks if network in (None, each.name))
    if not networks:
        raise RecipeWrong(f"there is no network {network!r}", f"There are {', '.join(each.name for each in recipe.networks)}")
    return recipe, networks


def run(command: Callable[..., None]) -> None:
    """Runs a command; what a person can put right is said in one line, with exit status 2."""
    try:
        typer.run(command)
    except SonoEdgeError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_status)
