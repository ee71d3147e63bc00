"""The common parts of the recipe's commands: their options, and one-line errors."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from firmware_bridge.errors import SonoEdgeError
from models.lung.recipe import RECIPE, NetworkRecipe, Recipe, RecipeWrong, load_recipe

DataOption = Annotated[
    Path, typer.Option("--data", envvar="SONOEDGE_DATA", help="Folder of the data sets; each data set is a folder in it.")
]
WorkOption = Annotated[Path, typer.Option("--work", help="Folder for networks and other intermediate files.")]
RecipeOption = Annotated[Path | None, typer.Option("--recipe", help="Your own recipe, instead of models/lung/recipe.yaml.")]
ExcludeOption = Annotated[
    list[str] | None, typer.Option("--exclude", metavar="FOLDER", help="A data set to leave out. You can repeat this option.")
]
NetworkOption = Annotated[str | None, typer.Option("--network", metavar="NAME", help="Only this network of the recipe.")]


def chosen(recipe_file: Path | None, exclude: list[str] | None, network: str | None) -> tuple[Recipe, tuple[NetworkRecipe, ...]]:
    """The recipe and its networks, as selected by the options.

    Raises:
        RecipeWrong: the recipe, a data set or the network does not exist.
    """
    recipe = load_recipe(recipe_file or RECIPE, tuple(exclude or ()))
    networks = tuple(each for each in recipe.networks if network in (None, each.name))
    if not networks:
        raise RecipeWrong(f"there is no network {network!r}", f"Use one of {', '.join(each.name for each in recipe.networks)}")
    return recipe, networks


def run(command: Callable[..., None]) -> None:
    """Runs a command; an error that a person can correct is printed as one line, with exit status 2."""
    try:
        typer.run(command)
    except SonoEdgeError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_status)
