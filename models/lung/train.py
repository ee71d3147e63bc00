"""`python -m models.lung.train`: trains each network of the recipe, once for each fold of patients left out and once on all.

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
from models.lung.subsets import subsets
from models.lung.work import work_folder


def main(
    *,
    data: DataOption = Path("../shared/data"),
    work: WorkOption = Path("runs/lung"),
    recipe_file: RecipeOption = None,
    exclude: ExcludeOption = None,
    network: NetworkOption = None,
    only: Annotated[str | None, typer.Option(help="Only this subset, such as fold0, to try a recipe.")] = None,
) -> None:
    """Trains every network of the recipe on each fold and on all patients; skips networks that are already in --work."""
    recipe, networks = chosen(recipe_file, exclude, network)
    clips = [clip for clip in load_clips(data, recipe) if clip.fold >= 0]
    typer.echo(f"{len(clips)} clips of {len({clip.patient for clip in clips})} patients", err=True)
    for each in networks:
        device = Device.fastest(each)
        typer.echo(f"{each.name} on {device}", err=True)
        folder = work_folder(work, each, recipe)
        pictures = load_pictures([clip.path for clip in clips], recipe.training.frames_per_clip, each.side, work / "pictures")
        with Progress() as progress:
            for name, rows in subsets(np.array([clip.fold for clip in clips]), recipe.folds).items():
                if only in (None, name):
                    lesson = Lesson([clips[i] for i in rows], pictures.grey[rows], recipe)
                    Fitting(new_network(each, recipe), lesson, recipe, device=device, path=folder / f"{name}.pt").run(progress)


if __name__ == "__main__":
    run(main)
