"""The shortcut floor: the AUC from simple image features, without any sign of disease.

A figure that is not clearly above the floor may come from the machine, the depth or the gain. Colour is not a feature, because the
appliance reads grey only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from edge.inference.statistics import SEED, Estimate, Numbers, auc, difference, estimate, mean, share_of
from firmware_bridge.frame import Grey
from firmware_bridge.sources.file import open_file
from models.lung.evaluation.clips import Clips, Rows, parts
from models.lung.predictions import EXTERNAL

THUMBNAIL = 16
FOLDS = 4
"""Number of folds of an external set, which has no folds of its own."""
PENALTY = 0.01
"""scikit-learn's C: the better one of 0.01 and 1 here; tree models are no better."""


@dataclass(frozen=True, slots=True)
class Floor:
    """`auc_above` is the paired difference of the network's AUC and the floor."""

    auc: Estimate
    auc_above: Estimate
    balanced_accuracy: Estimate


def glances(data: Path, files: NDArray[np.str_]) -> dict[str, Numbers]:
    """The features of each file, by its name: size, mean brightness, contrast, and a thumbnail of its first frame."""
    return {name: _glance(data / name) for name in track([str(file) for file in files], "first frames")}


def floor(clips: Clips, seen: Mapping[str, Numbers]) -> Floor | None:
    """The floor from a logistic regression on these features, in the same folds; None if there are too few patients to leave some out."""
    if len(np.unique(clips.patients)) < FOLDS:
        return None
    features = np.array([seen[str(file)] for file in clips.files])
    guess = np.empty(len(clips))
    for taught, left_out in _folds(clips):
        if len(np.unique(clips.labels[taught])) < 2 or not len(left_out):
            return None
        model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=2000))
        guess[left_out] = model.fit(features[taught], clips.labels[taught]).decision_function(features[left_out])
    present, called = clips.present, guess >= 0
    balanced = mean(share_of(called, present), share_of(~called, ~present))
    guessed, read = auc(guess, clips.labels), auc(clips.int8_logits, clips.labels)
    return Floor(
        auc=estimate(guessed, clips.draws),
        auc_above=estimate(difference(read, guessed), clips.draws),
        balanced_accuracy=estimate(balanced, clips.draws),
    )


def _folds(clips: Clips) -> Iterator[tuple[Rows, Rows]]:
    if (clips.folds != EXTERNAL).any():
        yield from parts(clips.folds, clips.folds)
    else:
        folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
        yield from folds.split(clips.labels, clips.labels, clips.patients)


def _glance(path: Path) -> Numbers:
    with open_file(path) as source:
        grey: Grey = next(iter(source.frames())).pixels
    small = Image.fromarray(grey).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    return np.concatenate([grey.shape, [grey.mean(), grey.std()], np.asarray(small).ravel()]).astype(np.float64)
