"""Is a probability reliable? The reliability curve, its error, and the best calibration method on left-out patients."""

from dataclasses import dataclass

import numpy as np

from edge.inference.reliability import bins, ece
from edge.inference.statistics import (
    DRAWS,
    SEED,
    Estimate,
    Flags,
    Numbers,
    difference,
    estimate,
    estimate_of_error,
    interval,
    mean_of,
)
from models.lung.calibrate import METHODS, at_prevalence
from models.lung.evaluation.clips import Clips, cross_fitted

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
    """Figures of the released probabilities: `ece` is the expected calibration error, `ece_if_perfect` the error from chance alone.

    `prevalence` is the share with the finding in the clips of the fit, which a probability assumes. `ece_at_prevalence` is the error after
    a shift to the share in the judged clips.
    """

    ece: Estimate
    prevalence: float
    ece_at_prevalence: Estimate
    ece_if_perfect: Estimate
    bins: tuple[Bin, ...]
    methods: tuple[Method, ...]
    recommended: str


def calibrated(taught: Clips, clips: Clips) -> Calibrated:
    """Figures for `clips`, with each method fitted on the clips `taught` of other folds."""
    members = bins(clips.probability)
    fitted, there = float(taught.present.mean()), float(clips.present.mean())
    moved = at_prevalence(clips.probability, fitted, there)
    methods = tuple(_method(taught, clips, name) for name in METHODS)
    return Calibrated(
        ece=estimate_of_error(ece(clips.probability, clips.labels, members), clips.draws),
        prevalence=fitted,
        ece_at_prevalence=estimate_of_error(ece(moved, clips.labels, bins(moved)), clips.draws),
        ece_if_perfect=ece_if_perfect(clips.probability, members),
        bins=tuple(_bin(clips, member) for member in members),
        methods=methods,
        recommended=recommended(methods),
    )


def recommended(methods: tuple[Method, ...]) -> str:
    """Platt's, unless the log loss of another method is clearly lower, beyond chance; then the method with the lowest."""
    better = [method for method in methods if method.log_loss_gain.low > 0 and method.log_loss_gain.value >= CLEARLY]
    return min(better, key=lambda method: method.log_loss.value).name if better else SHIPPED


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
