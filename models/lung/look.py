"""Fits how the frames of each machine look, against those of all other machines, and measures it on patients and sources left out."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from edge.disk.durable import replace_file
from edge.inference.look import Guard, LookFile, MachineLook
from edge.vision.texture import FEATURES, texture
from models.lung.manifest import LabelledClip
from models.lung.pictures import Pictures, spread
from models.lung.recipe import MachineRecipe, Recipe

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

FRAMES = 6
"""Measured frames of each clip."""
STRENGTH = 0.5
"""scikit-learn's C: 41 correlated features need some penalty; from 0.1 to 2 the figures differ by 0.02."""
REFUSED = 0.05
"""The share of clips of the machine itself, of patients left out, that may be below the limit."""
ROUNDS = 3000


def textures(pictures: Pictures) -> Values:
    """(clips, FRAMES, FEATURES) of pictures of `edge.vision.texture.SIDE`."""
    frames = pictures.grey[:, spread(FRAMES, pictures.grey.shape[1])]
    return np.array([[texture(frame) for frame in clip] for clip in frames])


def looks(clips: Sequence[LabelledClip], features: Values, recipe: Recipe) -> Iterator[MachineLook]:
    """The look of each data set that states its machine, if every fold has clips of it and of others. `features` are their `textures`."""
    folds = np.array([clip.fold for clip in clips])
    for dataset in recipe.datasets:
        own = np.array([clip.dataset == dataset.folder for clip in clips])
        if dataset.machine and all(own[folds == fold].any() and not own[folds == fold].all() for fold in np.unique(folds)):
            yield _look(dataset.machine, own, clips, features, folds)


def save(model_sha256: str, machines: Sequence[MachineLook], path: Path) -> None:
    replace_file(path, LookFile(model_sha256=model_sha256, machines=tuple(machines)).model_dump_json(indent=2).encode() + b"\n")


def _look(machine: MachineRecipe, own: Flags, clips: Sequence[LabelledClip], features: Values, folds: NDArray[np.int64]) -> MachineLook:
    """The limit and the figures come from clips of patients and of whole sources that were left out of the fit."""
    left_out = np.empty(len(own))
    for fold in np.unique(folds):
        inside = folds == fold
        weights, offset = _fit(features[~inside], own[~inside])
        left_out[inside] = (features[inside] @ weights + offset).mean(axis=1)
    limit = float(np.quantile(left_out[own], REFUSED))
    weights, offset = _fit(features, own)
    return MachineLook(
        maker=machine.maker,
        model=machine.model,
        probe=machine.probe,
        weights=tuple(weights.tolist()),
        offset=offset,
        limit=limit,
        guard=Guard(
            own_clips=int(own.sum()),
            own_refused=float((left_out[own] < limit).mean()),
            other_clips=int((~own).sum()),
            other_sources=len({clip.source or clip.patient for clip, mine in zip(clips, own, strict=True) if not mine}),
            other_refused=float((left_out[~own] < limit).mean()),
            auroc=float(roc_auc_score(own, left_out)),
        ),
    )


def _fit(features: Values, own: Flags) -> tuple[Values, float]:
    """The weights (FEATURES,) and the offset of a logistic regression on single frames, with both classes of equal weight."""
    frames = features.reshape(-1, FEATURES)
    scaler = StandardScaler().fit(frames)
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=ROUNDS)
    model.fit(scaler.transform(frames), np.repeat(own, features.shape[1]))
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)
