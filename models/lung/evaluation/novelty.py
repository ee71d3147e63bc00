"""Does novelty separate lungs from other pictures? Compared with lungs of left-out patients."""

from dataclasses import dataclass

import numpy as np

from edge.inference.statistics import SEED, Estimate, Flags, auc, estimate, patient_draws, share_of
from models.lung.novelty import limit_of
from models.lung.predictions import EXTERNAL, Predictions, Values

ULTRASOUND = frozenset({"other ultrasound", "cardiac", "obstetric", "vessel", "vessels", "phantom"})
"""Kinds of other pictures from an ultrasound machine; all other kinds are not ultrasound."""
FOREIGN, OTHER_ULTRASOUND = "all that are not ultrasound", "all other ultrasound"


@dataclass(frozen=True, slots=True)
class Lungs:
    """Clips of one data set. `refused` is the share above the limit, where the limit comes from clips of other patients."""

    dataset: str
    external: bool
    clips: int
    beyond_limit: int
    refused: Estimate
    novelty: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """Pictures of one kind or of several kinds: the shares above the limit, refused by the quality check, and read as lung."""

    kind: str
    pictures: int
    auroc: Estimate
    beyond_limit: int
    quality_refused: int
    read_as_lung: int
    novelty: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Novelty:
    """Figures at the limit of a release: a quantile of lung clips, as fitted by `models.lung.novelty`."""

    limit: float
    lungs: tuple[Lungs, ...]
    kinds: tuple[Kind, ...]
    foreign: Kind | None
    other_ultrasound: Kind | None


def novelty(predictions: Predictions) -> Novelty:
    limit = limit_of(predictions.novelty)
    kinds = predictions.strangers.kinds
    ultrasound = np.isin(kinds, list(ULTRASOUND))
    return Novelty(
        limit=limit,
        lungs=tuple(_lungs(predictions, str(dataset)) for dataset in dict.fromkeys(predictions.dataset)),
        kinds=tuple(_kind(predictions, str(kind), kinds == kind, limit) for kind in dict.fromkeys(kinds)),
        foreign=_kind(predictions, FOREIGN, ~ultrasound, limit) if (~ultrasound).any() else None,
        other_ultrasound=_kind(predictions, OTHER_ULTRASOUND, ultrasound, limit) if ultrasound.any() else None,
    )


def _lungs(predictions: Predictions, dataset: str) -> Lungs:
    of_set = predictions.dataset == dataset
    beyond = _beyond_limit_of_others(predictions)[of_set]
    return Lungs(
        dataset=dataset,
        external=bool((predictions.folds[of_set] == EXTERNAL).all()),
        clips=int(of_set.sum()),
        beyond_limit=int(beyond.sum()),
        refused=estimate(share_of(beyond), patient_draws(predictions.patients[of_set])),
        novelty=_rounded(predictions.novelty[of_set]),
    )


def _beyond_limit_of_others(predictions: Predictions) -> Flags:
    beyond = np.zeros(len(predictions.novelty), np.bool_)
    for patient in np.unique(predictions.patients):
        own = predictions.patients == patient
        beyond[own] = predictions.novelty[own] > limit_of(predictions.novelty[~own])
    return beyond


def _kind(predictions: Predictions, kind: str, members: Flags, limit: float) -> Kind:
    strangers = predictions.strangers
    values, refused = strangers.novelty[members], strangers.quality_refused[members]
    beyond = values > limit
    return Kind(
        kind=kind,
        pictures=len(values),
        auroc=_auroc(predictions, members),
        beyond_limit=int(beyond.sum()),
        quality_refused=int(refused.sum()),
        read_as_lung=int((~beyond & ~refused).sum()),
        novelty=_rounded(values),
    )


def _auroc(predictions: Predictions, members: Flags) -> Estimate:
    """The bootstrap draws patients and pictures separately."""
    lungs, strangers = predictions.novelty, predictions.strangers.novelty[members]
    draws = np.hstack([patient_draws(predictions.patients), patient_draws(predictions.strangers.files[members], SEED + 1)])
    return estimate(auc(np.append(lungs, strangers), np.repeat([0.0, 1.0], [len(lungs), len(strangers)])), draws)


def _rounded(values: Values) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)
