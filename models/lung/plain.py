"""The floor of a release: plain networks of the same size, trained on the same folds by `python -m models.lung.train --baseline`."""

from pathlib import Path

import numpy as np

from models.lung.fit import network_at
from models.lung.judge import Values, float_logits
from models.lung.manifest import LabelledClip
from models.lung.pictures import Pictures
from models.lung.recipe import NetworkRecipe, Recipe
from models.lung.subsets import judge_of
from models.lung.work import PLAIN_WORK, trained, work_folder


def plain_logits(work: Path, network: NetworkRecipe, recipe: Recipe, *, clips: list[LabelledClip], pictures: Pictures) -> Values:
    """(clips, findings) float logits, each from the plain network that never saw the clip's fold; NaN without one.

    Raises:
        NotTrained: some of the plain networks are trained, others are not.
    """
    found = np.full((len(clips), len(recipe.spoken)), np.nan, np.float32)
    if not (work / PLAIN_WORK / network.name).exists():
        return found
    folder = work_folder(work / PLAIN_WORK, network, recipe.plain())
    names = [judge_of(clip.fold) if clip.taught else "" for clip in clips]
    for name in sorted(set(names) - {""}):
        judge = network_at(trained(folder, name), network, recipe)
        for i in np.flatnonzero(np.equal(names, name)):
            found[i] = float_logits(judge, pictures.grey[i])[: len(recipe.spoken)]
    return found
