"""Do prediction sets hold the truth as often as promised, and how often do they answer? Judged on patients left out.

The promise holds for clips that are exchangeable with those fitted on. Clips of one patient resemble each other and each fold has its own
network, so it is an approximation here: beside the binomial interval, which takes clips as independent, stands that of whole patients.
"""

from dataclasses import dataclass

import numpy as np

from models.lung import calibrate, conformal
from models.lung.evaluation.clips import Clips, parts
from models.lung.evaluation.statistics import Estimate, Flags, wilson

ALPHAS = (0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Answers:
    """Of the clips of one class: how many sets were {present}, {absent}, both or empty, and how many held the truth."""

    clips: int
    present: int
    absent: int
    both: int
    empty: int
    covered: Estimate
    covered_by_patient: Estimate


@dataclass(frozen=True, slots=True)
class Coverage:
    """At one alpha. `answered` is the share of clips with a set of one, `right` how many of those are right; None if there are none."""

    alpha: float
    with_finding: Answers
    without: Answers
    mean_size: float
    answered: Estimate
    right: Estimate | None


@dataclass(frozen=True, slots=True)
class _Sets:
    present: Flags
    absent: Flags


def coverages(taught: Clips, judged: Clips) -> tuple[Coverage, ...]:
    """At each of ALPHAS, of the clips `judged`, by thresholds from the clips `taught` of other folds."""
    every = [_Sets(np.zeros(len(judged), np.bool_), np.zeros(len(judged), np.bool_)) for _ in ALPHAS]
    for others, left_out in parts(taught.folds, judged.folds):
        logits, labels = taught.int8_logits[others], taught.labels[others]
        calibration = calibrate.fit(logits, labels)
        fitted_on, probability = calibration.probability(logits), calibration.probability(judged.int8_logits[left_out])
        for alpha, sets in zip(ALPHAS, every, strict=True):
            sets.present[left_out], sets.absent[left_out] = conformal.fit(fitted_on, labels, alpha).set_of(probability)
    return tuple(_coverage(judged, sets, alpha) for alpha, sets in zip(ALPHAS, every, strict=True))


def _coverage(clips: Clips, sets: _Sets, alpha: float) -> Coverage:
    one = sets.present != sets.absent
    return Coverage(
        alpha=alpha,
        with_finding=_answers(clips, sets, clips.present, sets.present),
        without=_answers(clips, sets, ~clips.present, sets.absent),
        mean_size=float((sets.present.astype(float) + sets.absent).mean()),
        answered=clips.share(one, np.ones_like(one)),
        right=clips.share(sets.present == clips.present, one) if one.any() else None,
    )


def _answers(clips: Clips, sets: _Sets, of_class: Flags, truth_held: Flags) -> Answers:
    present, absent = sets.present[of_class], sets.absent[of_class]
    return Answers(
        clips=int(of_class.sum()),
        present=int((present & ~absent).sum()),
        absent=int((absent & ~present).sum()),
        both=int((present & absent).sum()),
        empty=int((~present & ~absent).sum()),
        covered=wilson(int(truth_held[of_class].sum()), int(of_class.sum())),
        covered_by_patient=clips.share(truth_held, of_class),
    )
