"""The gain of answering "can't tell": accuracy on the remaining clips, with the least certain clips left out first."""

from dataclasses import dataclass

import numpy as np

from edge.inference.statistics import Numbers
from models.lung.evaluation.accuracy import Curve, curve
from models.lung.evaluation.clips import Clips

ABSTAINED = np.linspace(0, 0.9, 19)


@dataclass(frozen=True, slots=True)
class Abstention:
    """Accuracy over the share of left-out clips (El-Yaniv & Wiener 2010), and the accuracy of always answering the more common class."""

    accuracy: Curve
    commoner: float


def abstention(clips: Clips) -> Abstention:
    order = np.argsort(-np.abs(clips.probability - 0.5), kind="stable")
    right = clips.right[order]

    def accuracies(weights: Numbers) -> Numbers:
        remaining = np.cumsum(weights[:, order], axis=1)
        hits = np.cumsum(weights[:, order] * right, axis=1)
        wanted = (1 - ABSTAINED) * remaining[:, -1:]
        rows = np.array([np.searchsorted(each, want - 1e-9) for each, want in zip(remaining, wanted, strict=True)])
        return np.asarray(np.take_along_axis(hits, rows, axis=1) / np.take_along_axis(remaining, rows, axis=1), np.float64)

    share = float(clips.present.mean())
    return Abstention(curve(ABSTAINED, accuracies(np.ones((1, len(clips))))[0], accuracies(clips.draws)), max(share, 1 - share))
