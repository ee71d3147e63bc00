"""Judges a release on a site's labelled clips of one machine, finding by finding, before and after local calibration.

A clip is judged after local calibration by a fit on the clips of all other patients, never by one that saw its own patient. What is then
used on the machine is the fit on all patients.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.inference import conformal
from edge.inference.acceptance import platt
from edge.inference.acceptance.figures import Answers, Cases, Figures, figures_of
from edge.inference.acceptance.limits import ANSWERED, AUC, BOUND, COVERAGE, PATIENTS
from edge.inference.conformal import Thresholds
from edge.inference.finding_label import FindingLabel
from edge.inference.release_files import Platt
from edge.inference.statistics import Estimate, Flags, Values, auc, estimate, patient_draws


@dataclass(frozen=True, slots=True)
class JudgedClip:
    """A clip that could be assessed: its patient, its known labels and its logits, both by finding."""

    patient: str
    labels: Mapping[str, bool]
    logits: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many clips and patients there are with a finding and without it; a patient may be in both."""

    clips_with: int = 0
    clips_without: int = 0
    patients_with: int = 0
    patients_without: int = 0

    @property
    def shortfalls(self) -> tuple[str, ...]:
        """What is missing, in words; empty where there are enough patients."""
        pairs = ((self.patients_with, "with it"), (self.patients_without, "without it"))
        return tuple(f"{there} patients {which}, and {PATIENTS.least:g} are needed" for there, which in pairs if there < PATIENTS.least)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One finding. `before` is the release's own calibration, `after` the local one; `platt` and `thresholds` are fitted on all patients.

    `shortfalls` state in words why the finding is not accepted; empty: it is.
    """

    label: FindingLabel
    counts: Counts
    cases: Cases
    auc: Estimate
    before: Figures
    after: Figures
    answers_before: Answers
    answers_after: Answers
    platt: Platt
    thresholds: Thresholds
    shortfalls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TooFew:
    """A finding that cannot be judged, and why."""

    label: FindingLabel
    counts: Counts
    shortfalls: tuple[str, ...]


def counts_of(key: str, clips: Sequence[JudgedClip]) -> Counts:
    """The clips and patients of one finding."""
    with_it, without = ([clip.patient for clip in clips if clip.labels.get(key) is label] for label in (True, False))
    return Counts(len(with_it), len(without), len(set(with_it)), len(set(without)))


def judge(labels: Sequence[FindingLabel], alpha: float, clips: Sequence[JudgedClip]) -> tuple[Judged | TooFew, ...]:
    """Every finding of a release, whose prediction sets may miss the truth in a share `alpha` of each class."""
    return tuple(_finding(label, alpha, clips) for label in labels)


def _finding(label: FindingLabel, alpha: float, clips: Sequence[JudgedClip]) -> Judged | TooFew:
    counts = counts_of(label.key, clips)
    if counts.shortfalls:
        return TooFew(label, counts, counts.shortfalls)
    known = [clip for clip in clips if label.key in clip.labels]
    cases = Cases(
        np.array([clip.logits[label.key] for clip in known]),
        np.array([float(clip.labels[label.key]) for clip in known]),
        np.array([clip.patient for clip in known]),
    )
    draws = patient_draws(cases.patients)
    own, thresholds = Platt(slope=label.slope, offset=label.offset), Thresholds(label.present_from, label.absent_to)
    before, after = _answers(cases.logits, own, thresholds), _left_out(cases, alpha)
    ranked, figures = estimate(auc(cases.logits * np.sign(label.slope), cases.labels), draws), figures_of(cases, after, draws)
    fitted = platt.fit(cases.logits, cases.labels)
    return Judged(
        label=label,
        counts=counts,
        cases=cases,
        auc=ranked,
        before=figures_of(cases, before, draws),
        after=figures,
        answers_before=before,
        answers_after=after,
        platt=fitted,
        thresholds=conformal.fit(platt.probability(cases.logits, fitted), cases.labels, alpha),
        shortfalls=tuple(_shortfalls(ranked, figures)),
    )


def _answers(logits: Values, by: Platt, thresholds: Thresholds) -> Answers:
    probability = platt.probability(logits, by)
    return Answers(probability, *thresholds.set_of(probability))


def _left_out(cases: Cases, alpha: float) -> Answers:
    """The answers on each patient's clips by a calibration and thresholds that were fitted on all other patients."""
    probability = np.empty(len(cases.labels))
    present, absent = np.zeros(len(cases.labels), np.bool_), np.zeros(len(cases.labels), np.bool_)
    for own in _by_patient(cases):
        logits, labels = cases.logits[~own], cases.labels[~own]
        fitted = platt.fit(logits, labels)
        thresholds = conformal.fit(platt.probability(logits, fitted), labels, alpha)
        answers = _answers(cases.logits[own], fitted, thresholds)
        probability[own], present[own], absent[own] = answers.probability, answers.present, answers.absent
    return Answers(probability, present, absent)


def _by_patient(cases: Cases) -> Iterator[Flags]:
    for patient in np.unique(cases.patients):
        yield np.equal(cases.patients, patient)


def _shortfalls(ranked: Estimate, figures: Figures) -> Iterator[str]:
    if ranked.low < AUC.least:
        yield f"the AUC is {ranked.value:.2f}, and its lower bound {ranked.low:.2f} is below {AUC.least:.2f}"
    for share, which in ((figures.covered_with, "with it"), (figures.covered_without, "without it")):
        if share.value < COVERAGE.least:
            yield f"of the clips {which} only {share.value:.2f} have the truth in their set, and {COVERAGE.least:.2f} are needed"
        if share.at_least < BOUND.least:
            yield (
                f"of the clips {which} {share.value:.2f} have the truth in their set, and the lower bound {share.at_least:.2f} "
                f"of {share.patients} patients is below {BOUND.least:.2f}"
            )
    if figures.answered.value < ANSWERED.least:
        yield f"only {figures.answered.value:.2f} of the clips have one answer, and {ANSWERED.least:.2f} are needed"
