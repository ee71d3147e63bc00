"""Do prediction sets contain the truth as often as promised, and how often do they give an answer? Tested on left-out patients.

The guarantee holds for clips that are exchangeable with the clips of the fit. Here it is an approximation: clips of one patient are
similar, and each fold has its own network. So there are two intervals: a binomial one for independent clips, and one for whole patients.
"""

from dataclasses import dataclass

import numpy as np

from edge.inference import conformal
from edge.inference.statistics import Estimate, Flags, wilson
from models.lung import calibrate
from models.lung.evaluation.clips import Clips, parts

ALPHAS = (0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Answers:
    """For the clips of one class: the number of sets with {present}, {absent}, both or none, and of sets that contain the truth."""

    clips: int
    present: int
    absent: int
    both: int
    empty: int
    covered: Estimate
    covered_by_patient: Estimate


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage at one alpha. `answered` is the share of clips with a set of one, `right` the share of these that are right, or None."""

    alpha: float
    with_finding: Answers
    without: Answers
    mean_size: float
    answered: Estimate
    right: Estimate | None


@dataclass(frozen=True, slots=True)
class Sets:
    """(clips,) flags: whether the class is in the clip's set."""

    present: Flags
    absent: Flags


def coverages(taught: Clips, judged: Clips) -> tuple[Coverage, ...]:
    """Coverage at each of ALPHAS for the clips `judged`, with thresholds from the clips `taught` of other folds."""
    every = [Sets(np.zeros(len(judged), np.bool_), np.zeros(len(judged), np.bool_)) for _ in ALPHAS]
    for others, left_out in parts(taught.folds, judged.folds):
        logits, labels = taught.int8_logits[others], taught.labels[others]
        calibration = calibrate.fit(logits, labels)
        fitted_on, probability = calibration.probability(logits), calibration.probability(judged.int8_logits[left_out])
        for alpha, sets in zip(ALPHAS, every, strict=True):
            sets.present[left_out], sets.absent[left_out] = conformal.fit(fitted_on, labels, alpha).set_of(probability)
    return tuple(coverage_of(judged, sets, alpha) for alpha, sets in zip(ALPHAS, every, strict=True))


def coverage_of(clips: Clips, sets: Sets, alpha: float) -> Coverage:
    one = sets.present != sets.absent
    return Coverage(
        alpha=alpha,
        with_finding=_answers(clips, sets, clips.present, sets.present),
        without=_answers(clips, sets, ~clips.present, sets.absent),
        mean_size=float((sets.present.astype(float) + sets.absent).mean()),
        answered=clips.share(one, np.ones_like(one)),
        right=clips.share(sets.present == clips.present, one) if one.any() else None,
    )


def _answers(clips: Clips, sets: Sets, of_class: Flags, truth_held: Flags) -> Answers:
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
