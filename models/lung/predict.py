"""Predictions of a recipe's networks for clips of patients they never saw, and novelty scores for these clips and for other pictures."""

import zlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from edge.inference.novelty import NoveltyTable
from models.lung import novelty
from models.lung.chests import Chests
from models.lung.judge import ClipOutput, Judge, Values
from models.lung.manifest import LabelledClip
from models.lung.organs import Organs
from models.lung.pictures import Pictures, spread
from models.lung.predictions import EXTERNAL, Predictions, Strangers
from models.lung.recipe import NetworkRecipe, Recipe
from models.lung.strangers import strangers
from models.lung.subsets import ALL, judge_of

REFERENCE_FRAMES = 3
"""Largest number of good frames of each clip in a novelty table."""
PARTS = 5
"""For the novelty table, patients who are not in the training data are left out in this many parts."""


class Judging:
    """The networks of a folder, on all clips."""

    def __init__(self, folder: Path, network: NetworkRecipe, recipe: Recipe, *, clips: list[LabelledClip], pictures: Pictures) -> None:
        self._network, self._recipe = network, recipe
        self._clips, self._pictures = clips, pictures
        self._names = np.array([judge_of(clip.fold) for clip in clips])
        self._judges = {name: Judge(folder, name, network, recipe) for name in sorted({*self._names.tolist(), ALL})}
        self._chests = Chests(network.side).pictures()

    def predictions(self, data: Path, plain_logits: Values) -> Predictions:
        """Each clip is read by the network that never saw its patient; other pictures by the released network."""
        spoken = self._recipe.spoken
        return Predictions(
            release=self._network.name,
            findings=tuple(finding.key for finding in spoken),
            files=np.array([str(clip.path.relative_to(data)) for clip in self._clips]),
            patients=np.array([clip.patient for clip in self._clips]),
            folds=np.array([clip.fold for clip in self._clips], np.int64),
            dataset=np.array([clip.dataset for clip in self._clips]),
            zone=np.array([clip.zone for clip in self._clips]),
            labels=np.array([clip.labels[: len(spoken)] for clip in self._clips], np.float32),
            float_logits=np.stack([each.float_logits for each in self._outputs]),
            int8_logits=np.stack([each.int8_logits for each in self._outputs]),
            plain_logits=plain_logits,
            novelty=self._scale.novelty(self._left_out),
            calibrates=np.array([clip.fold != EXTERNAL and clip.dataset in self._recipe.calibrated_on for clip in self._clips]),
            healthy=np.array([clip.healthy for clip in self._clips]),
            sources=np.array([clip.source for clip in self._clips]),
            strangers=self._strangers(data),
        )

    @cached_property
    def _outputs(self) -> list[ClipOutput]:
        pairs = list(zip(self._names, self._pictures.grey, strict=True))
        return [self._judges[name].of(grey) for name, grey in track(pairs, f"{self._network.name} reads")]

    @cached_property
    def table(self) -> NoveltyTable:
        """The released table: the frames of all clips, as the released network describes them; its limit is that of left-out clips.

        It does not yet name its model.
        """
        lungs = self._reference(ALL, np.ones(len(self._clips), bool))
        organ = novelty.fit_organ(lungs, self._organs[ALL])
        return novelty.with_limit(novelty.fit(lungs), organ, self._scale, self._scale.novelty(self._left_out))

    @cached_property
    def _left_out(self) -> list[novelty.LeftOut]:
        """Each clip by a table without its patient; patients outside the training data are split into `PARTS`."""
        parts = [zlib.crc32(clip.patient.encode()) % PARTS if clip.fold == EXTERNAL else clip.fold for clip in self._clips]
        keys = list(zip(self._names.tolist(), parts, strict=True))
        found: dict[int, novelty.LeftOut] = {}
        for key in track(sorted(set(keys)), "novelty of lungs"):
            left_out = np.array([each == key for each in keys])
            lungs = self._reference(key[0], ~left_out)
            table, organ = novelty.fit(lungs), novelty.fit_organ(lungs, self._organs[key[0]])
            found |= {i: novelty.LeftOut.of(table, organ, self._outputs[i].features) for i in np.flatnonzero(left_out).tolist()}
        return [found[i] for i in range(len(keys))]

    @cached_property
    def _scale(self) -> novelty.Scale:
        return novelty.Scale.of(self._left_out)

    @cached_property
    def _organs(self) -> Mapping[str, Values]:
        """(pictures, features) of the simulated organs, as each network describes them."""
        pictures = Organs(self._network.side).pictures()
        return {name: judge.features(pictures) for name, judge in self._judges.items()}

    def _reference(self, name: str, chosen: NDArray[np.bool_]) -> Values:
        """(frames, features) of good frames of the selected clips and of the simulated chest, as one network describes them."""
        frames = spread(REFERENCE_FRAMES, self._pictures.grey.shape[1])
        grey, good = self._pictures.grey[chosen][:, frames], self._pictures.good[chosen][:, frames]
        lungs = np.unique(grey[good].reshape(good.sum(), -1), axis=0).reshape(-1, *grey.shape[2:])
        return self._judges[name].features(np.concatenate([lungs, self._chests.grey[self._chests.good]]))

    def _strangers(self, data: Path) -> Strangers:
        found = list(track(strangers(data, self._network.side), "other pictures"))
        table, judge = self.table, self._judges[ALL]
        return Strangers(
            files=np.array([each.file for each in found]),
            kinds=np.array([each.kind for each in found]),
            novelty=novelty.clip_novelty(table, [judge.features(each.pictures.grey[0]) for each in found]),
            quality_refused=np.array([each.pictures.good.mean() < 0.5 for each in found]),
        )
