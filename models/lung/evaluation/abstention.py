"""What is gained by saying "can't tell": accuracy of the clips that are kept, the least sure left out first."""

from dataclasses import dataclass

import numpy as np

from models.lung.evaluation.accuracy import Curve, curve
from models.lung.evaluation.clips import Clips
from models.lung.evaluation.statistics import Numbers

ABSTAINED = np.linspace(0, 0.9, 19)


@dataclass(frozen=True, slots=True)
class Abstention:
    """Accuracy over the share of clips left out (El-Yaniv & Wiener 2010), and what always saying the commoner class would reach."""

    accuracy: Curve
    commoner: float


def abstention(clips: Clips) -> Abstention:
    order = np.argsort(-np.abs(clips.probability - 0.5), kind="stable")
    right = clips.right[order]

    def accuracies(weights: Numbers) -> Numbers:
        kept = np.cumsum(weights[:, order], axis=1)
        hits = np.cumsum(weights[:, order] * right, axis=1)
        wanted = (1 - ABSTAINED) * kept[:, -1:]
        rows = np.array([np.searchsorted(each, want - 1e-9) for each, want in zip(kept, wanted, strict=True)])
        return np.asarray(np.take_along_axis(hits, rows, axis=1) / np.take_along_axis(kept, rows, axis=1), np.float64)

    share = float(clips.present.mean())
    return Abstention(curve(ABSTAINED, accuracies(np.ones((1, len(clips))))[0], accuracies(clips.draws)), max(share, 1 - share))
