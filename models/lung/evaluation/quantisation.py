"""The cost of int8: the same clips with the float network and with the released network."""

from dataclasses import dataclass

import numpy as np

from edge.inference.statistics import Estimate, auc, difference, estimate
from models.lung.evaluation.clips import Clips


@dataclass(frozen=True, slots=True)
class Quantisation:
    """`auc_loss` is float minus int8, paired. Changes are in a clip's calibrated probability; `pairs` has (float, int8) of every clip."""

    auc_loss: Estimate
    largest_change: float
    change_95: float
    pairs: tuple[tuple[float, float], ...]


def quantisation(clips: Clips) -> Quantisation:
    change = np.abs(clips.float_probability - clips.probability)
    return Quantisation(
        auc_loss=estimate(difference(auc(clips.float_logits, clips.labels), auc(clips.int8_logits, clips.labels)), clips.draws),
        largest_change=float(change.max()),
        change_95=float(np.quantile(change, 0.95)),
        pairs=tuple(zip(clips.float_probability.round(4).tolist(), clips.probability.round(4).tolist(), strict=True)),
    )
