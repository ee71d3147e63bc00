"""How does a release read where all is new: hospital, machine and patient? Clips of whole sources that their network never saw.

A probability comes from the released calibration. It was fitted to other machines, so it may be wrong here: that is what is measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edge.inference.statistics import Estimate, auc, estimate
from models.lung.evaluation.clips import Clips, clips_of
from models.lung.predictions import Predictions

EVERY = "all of these"
"""The row of all clips of sources left out, each read by the network that never saw its own source."""
NOT_IN_HEALTHY = frozenset({"b_lines", "severity_2_plus"})
"""Findings that are a false alarm in a healthy lung; A-lines are normal there."""
OVER, UNDER = 0.6, 0.4
"""Probabilities above which a reader takes a finding as present, and below which as absent."""


@dataclass(frozen=True, slots=True)
class SourceFinding:
    """One finding in one source. `auc` is None with no clip of a class; `over` and `under` are shares of its `healthy` clips."""

    key: str
    name: str
    clips: int
    positives: int
    auc: Estimate | None
    healthy: int
    over: Estimate | None
    under: Estimate | None


@dataclass(frozen=True, slots=True)
class SourceEvaluation:
    source: str
    clips: int
    patients: int
    findings: tuple[SourceFinding, ...]


def sources(predictions: Predictions, names: Mapping[str, str]) -> tuple[SourceEvaluation, ...]:
    """Each source left out, then all of them together; empty if the recipe leaves none out."""
    every = {key: clips_of(predictions, number) for number, key in enumerate(predictions.findings)}
    left_out = sorted({str(source) for clips in every.values() for source in clips.sources} - {""})
    members = {source: {source} for source in left_out}
    if len(members) > 1:
        members[EVERY] = set(left_out)
    return tuple(_source(predictions, name, of, every, names) for name, of in members.items())


def _source(
    predictions: Predictions, name: str, members: set[str], every: Mapping[str, Clips], names: Mapping[str, str]
) -> SourceEvaluation:
    inside = np.isin(predictions.sources, list(members)) & ~np.isnan(predictions.labels).all(axis=1)
    return SourceEvaluation(
        source=name,
        clips=int(inside.sum()),
        patients=len(np.unique(predictions.patients[inside])),
        findings=tuple(_finding(clips.at(np.isin(clips.sources, list(members))), key, names.get(key, key)) for key, clips in every.items()),
    )


def _finding(clips: Clips, key: str, name: str) -> SourceFinding:
    positives, healthy = int(clips.present.sum()), clips.healthy
    return SourceFinding(
        key=key,
        name=name,
        clips=len(clips),
        positives=positives,
        auc=estimate(auc(clips.int8_logits, clips.labels), clips.draws) if 0 < positives < len(clips) else None,
        healthy=int(healthy.sum()),
        over=clips.share(clips.probability > OVER, healthy) if healthy.any() else None,
        under=clips.share(clips.probability < UNDER, healthy) if healthy.any() else None,
    )
