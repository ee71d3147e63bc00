"""The figures of one finding on a site's clips, with patients as the independent trials: clips of one patient are similar."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.inference.acceptance.binomial import lower
from edge.inference.reliability import bins, ece
from edge.inference.statistics import Estimate, Flags, Numbers, Values, estimate_of_error

SLACK = 1e-9
"""Compensates for rounding, such as 10 x 0.7 slightly below 7."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of clips, of so many `patients`, with its exact lower 95 % bound if the patients alone are the trials."""

    value: float
    at_least: float
    patients: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one calibration. Sensitivity and specificity are those of probability 0.5.

    `covered_with` is the share of clips with the finding whose set holds present, `covered_without` that of clips without it whose set
    holds absent; an empty set counts as both, as it is shown. `answered` is the share of clips with one answer, `right` the share of these
    that is right, None without an answer. `ece` is the expected calibration error.
    """

    sensitivity: Share
    specificity: Share
    covered_with: Share
    covered_without: Share
    answered: Share
    right: Share | None
    ece: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """(clips,) what one calibration states of each clip: the probability, and whether present and absent are still possible."""

    probability: Numbers
    present: Flags
    absent: Flags

    @property
    def one(self) -> Flags:
        return np.not_equal(self.present, self.absent)


@dataclass(frozen=True, eq=False)
class Cases:
    """(clips,) the labelled clips of one finding: logit, label (1 or 0) and patient."""

    logits: Values
    labels: Values
    patients: NDArray[np.str_]

    @property
    def has(self) -> Flags:
        return np.equal(self.labels, 1)

    def patients_among(self, among: Flags) -> int:
        return len(np.unique(self.patients[among]))

    def share(self, hits: Flags, among: Flags) -> Share:
        """The share of hits in the clips `among`, of which there is at least one."""
        value, patients = float(hits[among].mean()), self.patients_among(among)
        return Share(value, lower(math.floor(value * patients + SLACK), patients), patients)


def figures_of(cases: Cases, answers: Answers, draws: Numbers) -> Figures:
    """The figures of clips of both classes; `draws` are those of their patients."""
    has, called, every = cases.has, answers.probability >= 0.5, np.ones(len(cases.labels), np.bool_)
    members = bins(answers.probability)
    return Figures(
        sensitivity=cases.share(called, has),
        specificity=cases.share(~called, ~has),
        covered_with=cases.share(answers.present | ~answers.one, has),
        covered_without=cases.share(answers.absent | ~answers.one, ~has),
        answered=cases.share(answers.one, every),
        right=cases.share(answers.present == has, answers.one) if answers.one.any() else None,
        ece=estimate_of_error(ece(answers.probability, cases.labels, members), draws),
    )
