"""Fits the novelty table: some lung frames of each clip, how far left-out lungs are from them, and how organs differ from lungs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from edge.inference.novelty import ORGAN, NoveltyTable

Values = NDArray[np.float32]
FLOOR = 1e-3
"""Lowest variation of a feature among lungs, as a share of the mean variation."""
REFUSED = 0.05
"""The share of left-out lung clips that may be above the limit."""
STRENGTH = 0.01
"""scikit-learn's C: the simulated organs are only like organs, so their details must not count."""
ROUNDS = 3000


@dataclass(frozen=True, slots=True)
class LeftOut:
    """(frames,) of one clip, by a table without its patient. `organ` is 0 for the usual lung frame and 1 for the usual organ."""

    distance: Values
    organ: Values

    @classmethod
    def of(cls, table: NoveltyTable, organ: Values, frames: Values) -> "LeftOut":
        """`frames` are described (frames, features); `organ` are (features + 1,) weights of `fit_organ`."""
        return cls(np.array([table.distance(frame) for frame in frames], np.float32), frames @ organ[:-1] + organ[-1])


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns the measure of organs into a distance: slope x organ + offset."""

    slope: float
    offset: float

    @classmethod
    def of(cls, clips: Sequence[LeftOut]) -> "Scale":
        """The lung clip in the middle, and the one at the limit, then have as much of both measures."""
        middle_and_limit = 0.5, 1 - REFUSED
        distance = np.quantile([each.distance.mean() for each in clips], middle_and_limit)
        organ = np.quantile([each.organ.mean() for each in clips], middle_and_limit)
        slope = float((distance[1] - distance[0]) / (organ[1] - organ[0]))
        return cls(slope, float(distance[0] - slope * organ[0]))

    def novelty(self, clips: Sequence[LeftOut]) -> Values:
        """(clips,): the mean over the frames, as the appliance computes it."""
        return np.array([np.maximum(each.distance, self.slope * each.organ + self.offset).mean() for each in clips], np.float32)

    def weights(self, organ: Values) -> Values:
        """For the table: (features + 1,) of `fit_organ` in units of distance."""
        return np.append(self.slope * organ[:-1], self.slope * organ[-1] + self.offset).astype(np.float32)


def fit(features: Values, model_sha256: str = "") -> NoveltyTable:
    """Fits (frames, features), as described by `edge.inference.novelty`; without a limit and without organs."""
    centre, spread = features.mean(axis=0), features.std(axis=0)
    spread = spread + FLOOR * spread.mean()
    return NoveltyTable(model_sha256, centre, spread, (features - centre) / spread, np.inf)


def fit_organ(lungs: Values, organs: Values) -> Values:
    """(features + 1,) weights and an offset, from (frames, features) of both: a logistic regression, 0 and 1 at their medians."""
    both, labels = np.concatenate([lungs, organs]), np.repeat([0, 1], [len(lungs), len(organs)])
    scaler = StandardScaler().fit(both)
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=ROUNDS).fit(scaler.transform(both), labels)
    weights = model.coef_[0] / scaler.scale_
    usual_lung, usual_organ = (float(np.median(each @ weights)) for each in (lungs, organs))
    return (np.append(weights, -usual_lung) / (usual_organ - usual_lung)).astype(np.float32)


def clip_novelty(table: NoveltyTable, clips: Sequence[Values]) -> Values:
    """The mean novelty of the frames of each clip, as the appliance computes it."""
    return np.array([np.mean([table.novelty(frame) for frame in frames]) for frames in clips], np.float32)


def limit_of(left_out: Values) -> float:
    """Fits the limit to the novelty of left-out lung clips."""
    return float(np.quantile(left_out, 1 - REFUSED))


def with_limit(table: NoveltyTable, organ: Values, scale: Scale, left_out: Values) -> NoveltyTable:
    """The table of a release: `organ` in units of distance, and the limit of `left_out` novelty."""
    return replace(table, organ=scale.weights(organ), limit=limit_of(left_out))


def save(table: NoveltyTable, path: Path) -> None:
    """Writes the lungs as half floats: their rounding errors are far below the distances."""
    organ = {} if table.organ is None else {ORGAN: table.organ}
    np.savez_compressed(
        path,
        allow_pickle=False,
        model_sha256=np.array(table.model_sha256),
        centre=table.centre,
        spread=table.spread,
        lungs=table.lungs.astype(np.float16),
        limit=np.float32(table.limit),
        **organ,
    )
