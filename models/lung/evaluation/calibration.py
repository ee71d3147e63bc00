"""Is a probability reliable? The reliability curve, its error, and the best calibration method on left-out patients."""

from dataclasses import dataclass

import numpy as np

from models.lung.calibrate import METHODS
from models.lung.evaluation.clips import Clips, cross_fitted
from models.lung.evaluation.statistics import (
    DRAWS,
    SEED,
    Estimate,
    Flags,
    Numbers,
    Statistic,
    difference,
    estimate,
    estimate_of_error,
    interval,
    mean_of,
)
from models.lung.predictions import Values

MOST_BINS, CLIPS_A_BIN = 10, 20
"""Bins of equal mass: the largest number of bins, and the smallest number of clips in each."""
SHIPPED = "Platt"
CLEARLY = 0.01
"""Another method is recommended only if its log loss is lower by this much."""
SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class Bin:
    """Clips of similar probability: the mean probability, and the share of clips with the finding."""

    probability: float
    present: Estimate
    clips: int


@dataclass(frozen=True, slots=True)
class Method:
    """One calibration method, fitted without the fold that tests it. `log_loss_gain` is its paired gain over Platt's."""

    name: str
    log_loss: Estimate
    log_loss_gain: Estimate
    ece: Estimate


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Figures of the released probabilities: `ece` is the expected calibration error, `ece_if_perfect` the error from chance alone."""

    ece: Estimate
    ece_if_perfect: Estimate
    bins: tuple[Bin, ...]
    methods: tuple[Method, ...]
    recommended: str


def calibrated(taught: Clips, clips: Clips) -> Calibrated:
    """Figures for `clips`, with each method fitted on the clips `taught` of other folds."""
    members = bins(clips.probability)
    methods = tuple(_method(taught, clips, name) for name in METHODS)
    return Calibrated(
        ece=estimate_of_error(ece(clips.probability, clips.labels, members), clips.draws),
        ece_if_perfect=ece_if_perfect(clips.probability, members),
        bins=tuple(_bin(clips, member) for member in members),
        methods=methods,
        recommended=recommended(methods),
    )


def recommended(methods: tuple[Method, ...]) -> str:
    """Platt's, unless the log loss of another method is clearly lower, beyond chance; then the method with the lowest."""
    better = [method for method in methods if method.log_loss_gain.low > 0 and method.log_loss_gain.value >= CLEARLY]
    return min(better, key=lambda method: method.log_loss.value).name if better else SHIPPED


def bins(probability: Numbers) -> Numbers:
    """(bins, clips) membership: equal numbers of clips, in order of probability."""
    count = max(1, min(MOST_BINS, len(probability) // CLIPS_A_BIN))
    members = np.zeros((count, len(probability)))
    for number, rows in enumerate(np.array_split(np.argsort(probability, kind="stable"), count)):
        members[number, rows] = 1
    return members


def ece(probability: Numbers, labels: Values, members: Numbers) -> Statistic:
    """The mean over clips of |bin probability - bin share| (Naeini et al., AAAI 2015; equal mass: Nixon et al. 2019)."""
    too_high = members * (probability - labels)
    return lambda weights: np.asarray(np.abs(weights @ too_high.T).sum(axis=1) / weights.sum(axis=1), np.float64)


def ece_if_perfect(probability: Numbers, members: Numbers) -> Estimate:
    """The expected error of perfect probabilities with these bins and this number of clips (Bröcker & Smith 2007)."""
    labels = np.random.default_rng(SEED).random((DRAWS, len(probability))) < probability
    errors = np.abs((probability - labels) @ members.T).sum(axis=1) / len(probability)
    return Estimate(float(errors.mean()), *interval(errors))


def _bin(clips: Clips, member: Numbers) -> Bin:
    inside = member == 1
    return Bin(float(clips.probability[inside].mean()), clips.share(clips.present, inside), int(inside.sum()))


def _method(taught: Clips, clips: Clips, name: str) -> Method:
    probability = cross_fitted(METHODS[name], taught, clips)
    loss, shipped_loss = (mean_of(_log_loss(each, clips.present)) for each in (probability, clips.probability))
    return Method(
        name=name,
        log_loss=estimate(loss, clips.draws),
        log_loss_gain=estimate(difference(shipped_loss, loss), clips.draws),
        ece=estimate_of_error(ece(probability, clips.labels, bins(probability)), clips.draws),
    )


def _log_loss(probability: Numbers, present: Flags) -> Numbers:
    return -np.log(np.maximum(np.where(present, probability, 1 - probability), SMALLEST))
