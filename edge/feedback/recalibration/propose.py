"""Judges a refit of the calibration: proposed where it is better on left-out patients beyond chance, and an acceptance would carry it.

The probability of a finding is a logistic function of the network's logit with a slope and an offset (Platt 1999), and an acceptance fits
both again on a site's clips (`edge.inference.acceptance.judge`): here is that judge, with the Brier score of both calibrations. The Brier
score is proper (Gneiting & Raftery, JASA 2007;102:359), and a new slope and offset do not change how cases are ranked: so it is better only
where the probability is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.feedback.agreement import LEAST, shown_count
from edge.feedback.statistics.draws import by_patient, patient_counts
from edge.inference.acceptance.judge import Counts, Judged, JudgedClip, TooFew, judge
from edge.inference.acceptance.limits import PATIENTS
from edge.inference.finding_label import FindingLabel
from edge.inference.release_files import Platt
from edge.inference.statistics import Estimate, difference, estimate, mean_of


@dataclass(frozen=True, slots=True)
class Compared:
    """A score of the calibration in use and of the refit, each patient judged by a fit on all others; 0 is best."""

    before: Estimate
    after: Estimate


@dataclass(frozen=True, slots=True)
class Refit:
    """One finding. `change` is that of the Brier score, below 0 for a better refit. `why_not` is why it is not proposed; empty: it is."""

    label: FindingLabel
    counts: Counts
    brier: Compared
    change: Estimate
    ece: Compared
    fitted: Platt
    why_not: str


@dataclass(frozen=True, slots=True)
class NoRefit:
    """A finding of which too few cases are known, and why, without small counts."""

    label: FindingLabel
    why_not: str


def refits(labels: Sequence[FindingLabel], alpha: float, clips: Sequence[JudgedClip]) -> tuple[Refit | NoRefit, ...]:
    """Each finding of a release on the clips of one machine; `labels` are its calibrations in use there."""
    return tuple(_too_few(each) if isinstance(each, TooFew) else _refit(each) for each in judge(labels, alpha, clips))


def _refit(judged: Judged) -> Refit:
    cases = judged.cases
    patients = np.unique(cases.patients, return_inverse=True)[1]
    counts = patient_counts(patients)
    before, after = (mean_of((each.probability - cases.labels) ** 2) for each in (judged.answers_before, judged.answers_after))
    was, would_be, change = (estimate(by_patient(each, patients), counts) for each in (before, after, difference(after, before)))
    return Refit(
        label=judged.label,
        counts=judged.counts,
        brier=Compared(was, would_be),
        change=change,
        ece=Compared(judged.before.ece, judged.after.ece),
        fitted=judged.platt,
        why_not=_why_not(judged, change),
    )


def _why_not(judged: Judged, change: Estimate) -> str:
    if change.high >= 0:
        return f"the Brier score changes by {change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f}), which can be chance"
    if judged.shortfalls:
        return f"it would be better, but an acceptance does not carry it: {'; '.join(judged.shortfalls)}"
    return ""


def _too_few(of: TooFew) -> NoRefit:
    counts = ((of.counts.patients_with, "with it"), (of.counts.patients_without, "without it"))
    short = [f"{_shown(there)} patients {which}" for there, which in counts if there < PATIENTS.least]
    return NoRefit(of.label, f"{' and '.join(short)}, and {PATIENTS.least:g} are needed")


def _shown(count: int) -> str:
    shown = shown_count(count)
    return f"fewer than {LEAST}" if shown is None else str(shown)
