"""Accuracy of present against absent: AUC, ROC curve, and the answers at probability 0.5."""

from dataclasses import dataclass

import numpy as np

from edge.inference.statistics import Estimate, Numbers, auc, band, difference, estimate, mean, mean_of, share_of, value_of
from models.lung.evaluation.clips import Clips

GRID = np.linspace(0, 1, 101)
"""False-positive rates of the ROC curve's points."""

Points = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """`y` over `x`, with the pointwise 95 % band of `y`."""

    x: Points
    y: Points
    low: Points
    high: Points


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of clips, with the threshold at probability 0.5."""

    true_present: int
    false_present: int
    false_absent: int
    true_absent: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Figures of the int8 network, except `float_auc` and `plain_auc`: that of the plain network of the same folds, if it was trained.

    `above_plain` is the paired difference of the network's AUC and the plain one's. In `fold_aucs`, None is a fold whose clips all have the
    same label.
    """

    auc: Estimate
    float_auc: Estimate
    plain_auc: Estimate | None
    above_plain: Estimate | None
    fold_aucs: tuple[float | None, ...]
    sensitivity: Estimate
    specificity: Estimate
    balanced_accuracy: Estimate
    brier: Estimate
    confusion: Confusion
    roc: Curve


def accuracy(clips: Clips) -> Accuracy:
    """Figures for clips with and without the finding."""
    present, called, draws = clips.present, clips.called, clips.draws
    read, plain = auc(clips.int8_logits, clips.labels), auc(clips.plain_logits, clips.labels)
    with_plain = not np.isnan(clips.plain_logits).any()
    sensitivity, specificity = share_of(called, present), share_of(~called, ~present)
    return Accuracy(
        auc=estimate(read, draws),
        float_auc=estimate(auc(clips.float_logits, clips.labels), draws),
        plain_auc=estimate(plain, draws) if with_plain else None,
        above_plain=estimate(difference(read, plain), draws) if with_plain else None,
        fold_aucs=tuple(_auc_of_fold(clips, int(fold)) for fold in np.unique(clips.folds)),
        sensitivity=clips.share(called, present),
        specificity=clips.share(~called, ~present),
        balanced_accuracy=estimate(mean(sensitivity, specificity), draws),
        brier=estimate(mean_of((clips.probability - clips.labels) ** 2), draws),
        confusion=Confusion(
            int((called & present).sum()), int((called & ~present).sum()), int((~called & present).sum()), int((~called & ~present).sum())
        ),
        roc=roc(clips),
    )


def roc(clips: Clips) -> Curve:
    """Sensitivity at each false-positive rate of GRID, with the band of vertically averaged draws (Fawcett 2006)."""
    order = np.argsort(-clips.int8_logits, kind="stable")
    ends = np.flatnonzero(np.diff(clips.int8_logits[order], append=np.inf) != 0)
    present = clips.present[order]

    def sensitivities(weights: Numbers) -> Numbers:
        hits = np.cumsum(weights[:, order] * present, axis=1)[:, ends]
        alarms = np.cumsum(weights[:, order] * ~present, axis=1)[:, ends]
        usable = (hits[:, -1] > 0) & (alarms[:, -1] > 0)
        return np.array([_at_grid(hit, alarm) for hit, alarm in zip(hits[usable], alarms[usable], strict=True)])

    return curve(GRID, sensitivities(np.ones((1, len(clips))))[0], sensitivities(clips.draws))


def curve(x: Numbers, y: Numbers, drawn: Numbers) -> Curve:
    """A curve with the band from (draws, points)."""
    low, high = band(drawn)
    return Curve(*(tuple(map(float, points)) for points in (x, y, low, high)))


def _at_grid(hits: Numbers, alarms: Numbers) -> Numbers:
    return np.asarray(np.interp(GRID, np.append(0, alarms / alarms[-1]), np.append(0, hits / hits[-1])), np.float64)


def _auc_of_fold(clips: Clips, fold: int) -> float | None:
    rows = clips.folds == fold
    value = value_of(auc(clips.int8_logits[rows], clips.labels[rows]), int(rows.sum()))
    return None if np.isnan(value) else value
