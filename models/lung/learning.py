"""`python -m models.lung.learning`: trains on fewer patients and evaluates, to estimate the benefit of more patients."""

import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from rich.progress import Progress

from edge.disk.durable import replace_file
from edge.inference.statistics import auc, estimate, patient_draws
from models.lung.command import DataOption, ExcludeOption, NetworkOption, RecipeOption, WorkOption, chosen, run
from models.lung.device import Device
from models.lung.evaluation.learning import FILE, LearningPoint
from models.lung.fit import Fitting, network_at, new_network
from models.lung.judge import float_logits
from models.lung.lesson import Lesson
from models.lung.manifest import LabelledClip, load_clips
from models.lung.pictures import Pictures, load_pictures
from models.lung.recipe import NetworkRecipe, Recipe
from models.lung.subsets import judge_of
from models.lung.work import work_folder

SHARES = (0.25, 0.5, 0.75, 1.0)
"""Shares of the training patients."""


def fewer(clips: list[LabelledClip], fold: int, share: float) -> NDArray[np.intp]:
    """The clips of a share of the patients outside the fold; each smaller share is part of the larger one."""
    others = sorted({clip.patient for clip in clips if clip.fold != fold}, key=lambda patient: zlib.crc32(patient.encode()))
    chosen = set(others[: max(1, round(share * len(others)))])
    return np.flatnonzero([clip.patient in chosen for clip in clips])


class Course:
    """The learning curve of one network, from few patients to all."""

    def __init__(self, network: NetworkRecipe, recipe: Recipe, *, clips: list[LabelledClip], pictures: Pictures, folder: Path) -> None:
        self._network, self._recipe = network, recipe
        self._clips, self._pictures, self._folder = clips, pictures, folder
        self._device = Device.fastest(network)

    def points(self, share: float, progress: Progress) -> list[LearningPoint]:
        """The AUC of each finding on left-out patients, float network."""
        logits = np.zeros((len(self._clips), len(self._recipe.spoken)), np.float32)
        patients = []
        for fold in range(self._recipe.folds):
            rows = fewer(self._clips, fold, share)
            patients.append(len({self._clips[i].patient for i in rows}))
            trained = network_at(self._trained(fold, share, rows, progress), self._network, self._recipe)
            for i in np.flatnonzero([clip.fold == fold for clip in self._clips]):
                logits[i] = float_logits(trained, self._pictures.grey[i])[: len(self._recipe.spoken)]
        labels = np.array([clip.labels for clip in self._clips], np.float32)
        names = np.array([clip.patient for clip in self._clips])
        return [
            _point(finding.key, round(float(np.mean(patients))), logits[:, i], labels[:, i], names)
            for i, finding in enumerate(self._recipe.spoken)
        ]

    def _trained(self, fold: int, share: float, rows: NDArray[np.intp], progress: Progress) -> Path:
        name = judge_of(fold) if share == 1 else f"learning/{judge_of(fold)}-{share:.2f}"
        path = self._folder / f"{name}.pt"
        path.parent.mkdir(exist_ok=True)
        lesson = Lesson([self._clips[i] for i in rows], self._pictures.grey[rows], self._recipe)
        Fitting(new_network(self._network, self._recipe), lesson, self._recipe, device=self._device, path=path).run(progress)
        return path


def _point(key: str, patients: int, logits: NDArray[np.float32], labels: NDArray[np.float32], names: NDArray[np.str_]) -> LearningPoint:
    known = ~np.isnan(labels)
    found = estimate(auc(logits[known], labels[known] == 1), patient_draws(names[known]))
    return LearningPoint(patients, key, found.value, found.low, found.high)


def main(
    *,
    data: DataOption = Path("../shared/data"),
    work: WorkOption = Path("runs/lung"),
    recipe_file: RecipeOption = None,
    exclude: ExcludeOption = None,
    network: NetworkOption = None,
) -> None:
    """Trains on shares of the patients, in the same folds; writes WORK/NETWORK/learning_curve.json for the report."""
    recipe, networks = chosen(recipe_file, exclude, network)
    clips = [clip for clip in load_clips(data, recipe) if clip.taught]
    for each in networks:
        folder = work_folder(work, each, recipe)
        pictures = load_pictures([clip.path for clip in clips], recipe.training.frames_per_clip, each.side, work / "pictures")
        course = Course(each, recipe, clips=clips, pictures=pictures, folder=folder)
        with Progress() as progress:
            points = [point for share in SHARES for point in course.points(share, progress)]
        replace_file(folder / FILE, TypeAdapter(list[LearningPoint]).dump_json(points, indent=1))


if __name__ == "__main__":
    run(main)
