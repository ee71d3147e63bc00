"""`python -m models.lung.train`: trains each network of the recipe, once for each fold left out and once on all clips.

You can interrupt it at any time. The same command runs on two cores (some hours) and on a GPU.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.progress import Progress

from models.lung.command import DataOption, ExcludeOption, NetworkOption, RecipeOption, WorkOption, chosen, run
from models.lung.device import Device
from models.lung.fit import Fitting, new_network
from models.lung.lesson import Lesson
from models.lung.manifest import load_clips
from models.lung.pictures import load_pictures
from models.lung.recipe import RecipeWrong
from models.lung.subsets import FOLD, subsets
from models.lung.work import PLAIN_WORK, work_folder


def main(
    *,
    data: DataOption = Path("../shared/data"),
    work: WorkOption = Path("runs/lung"),
    recipe_file: RecipeOption = None,
    exclude: ExcludeOption = None,
    network: NetworkOption = None,
    only: Annotated[str | None, typer.Option(help="Only this subset, such as fold0, to try a recipe.")] = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="Train the plain network on the folds: its AUC is the floor.")] = False,
) -> None:
    """Trains every network of the recipe on each fold and on all patients; skips networks that are already in --work."""
    recipe, networks = chosen(recipe_file, exclude, network)
    clips = [clip for clip in load_clips(data, recipe) if clip.taught]
    typer.echo(f"{len(clips)} clips of {len({clip.patient for clip in clips})} patients", err=True)
    training_sets = subsets(np.array([clip.fold for clip in clips]))
    if baseline:
        recipe, training_sets = recipe.plain(), {name: rows for name, rows in training_sets.items() if name.startswith(FOLD)}
    if only not in (None, *training_sets):
        raise RecipeWrong(f"there is no subset {only!r}", f"Use one of {', '.join(training_sets)}")
    for each in networks:
        device = Device.fastest(each)
        typer.echo(f"{each.name} on {device}", err=True)
        folder = work_folder(work / PLAIN_WORK if baseline else work, each, recipe)
        pictures = load_pictures([clip.path for clip in clips], recipe.training.frames_per_clip, each.side, work / "pictures")
        with Progress() as progress:
            for name, rows in training_sets.items():
                if only in (None, name):
                    lesson = Lesson([clips[i] for i in rows], pictures.grey[rows], recipe)
                    Fitting(new_network(each, recipe), lesson, recipe, device=device, path=folder / f"{name}.pt").run(progress)


if __name__ == "__main__":
    run(main)
