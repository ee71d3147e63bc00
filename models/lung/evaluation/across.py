"""Prediction sets for machines that nobody has seen, and whether the data carry them.

They are fitted on sources that their network never saw, and judged with the clip's own source left out of the fit, too. They are carried if
both classes of clips are covered as promised, within the binomial error, and no more than a share alpha of the healthy clips that they
decide has a false alarm.
"""

from dataclasses import dataclass

import numpy as np

from edge.inference import conformal
from models.lung.evaluation.clips import Clips, clips_of
from models.lung.evaluation.coverage import Coverage, Sets, coverage_of
from models.lung.evaluation.sources import NOT_IN_HEALTHY
from models.lung.predictions import Predictions

OPEN = conformal.Thresholds(0.0, 1.0)
"""Both answers stay possible."""


@dataclass(frozen=True, slots=True)
class Across:
    """One finding. `thresholds` are None where the data carry none; `coverage` is that of each source by the thresholds of the others.

    Of the healthy clips, `healthy_decided` have a set of one, and `healthy_present` of those have {present}. That is not judged for a
    finding that healthy lungs have, too.
    """

    key: str
    sources: int
    patients: int
    clips: int
    thresholds: conformal.Thresholds | None
    coverage: Coverage | None
    healthy_decided: int
    healthy_present: int


def across(predictions: Predictions, alpha: float) -> tuple[Across, ...]:
    """Every finding; empty if no source was left out whole."""
    if not (predictions.sources != "").any():
        return ()
    return tuple(_finding(key, _away(clips_of(predictions, number)), alpha) for number, key in enumerate(predictions.findings))


def _away(clips: Clips) -> Clips:
    return clips.at(np.not_equal(clips.sources, ""))


def _finding(key: str, clips: Clips, alpha: float) -> Across:
    sets = _sets_by_other_sources(clips, alpha)
    both_classes = 0 < clips.present.sum() < len(clips)
    coverage = coverage_of(clips, sets, alpha) if both_classes else None
    decided = clips.healthy & (sets.present != sets.absent)
    called = int((decided & sets.present).sum())
    quiet = key not in NOT_IN_HEALTHY or bool(decided.any() and called <= alpha * decided.sum())
    kept = quiet and coverage is not None and _kept(coverage)
    fitted = conformal.fit_across(clips.probability, clips.labels, clips.sources, alpha)
    return Across(
        key=key,
        sources=len(np.unique(clips.sources)),
        patients=len(np.unique(clips.patients)),
        clips=len(clips),
        thresholds=fitted if kept else None,
        coverage=coverage,
        healthy_decided=int(decided.sum()),
        healthy_present=called,
    )


def _sets_by_other_sources(clips: Clips, alpha: float) -> Sets:
    sets = Sets(np.ones(len(clips), np.bool_), np.ones(len(clips), np.bool_))
    for source in np.unique(clips.sources):
        own = np.equal(clips.sources, source)
        others = clips.at(~own)
        thresholds = conformal.fit_across(others.probability, others.labels, others.sources, alpha) or OPEN
        sets.present[own], sets.absent[own] = thresholds.set_of(clips.probability[own])
    return sets


def _kept(coverage: Coverage) -> bool:
    return all(answers.covered.high >= 1 - coverage.alpha for answers in (coverage.with_finding, coverage.without))
