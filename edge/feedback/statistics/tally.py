"""Hits among trials, in sums that add up: those of many boards make one share, and no case has to travel.

Cases of one patient are similar, so together they are worth fewer independent trials (Rao & Scott, Biometrics 1992;48:577). The interval is
Wilson's with that number of trials (Franco et al., J Surv Stat Methodol 2019;7:334, compare it with others for shares of clusters).
"""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from edge.feedback.statistics.figure import NoFigure, Stated, Why, stated
from edge.inference.statistics import Estimate, Flags, wilson

Codes = NDArray[np.intp]
"""(cases,) a whole number for each patient, from 0."""


@dataclass(frozen=True, slots=True)
class Tally:
    """`hits` among `of` cases of `patients`, and the sums over patients of hits², hits x cases and cases²."""

    hits: int = 0
    of: int = 0
    patients: int = 0
    hits_squared: int = 0
    hits_by_of: int = 0
    of_squared: int = 0

    @classmethod
    def independent(cls, hits: int, of: int) -> Self:
        """One case of each patient."""
        return cls(hits, of, of, hits, hits, of)

    @classmethod
    def counted(cls, hits: Flags, among: Flags, patients: Codes) -> Self:
        """The hits of the (cases,) that are `among`."""
        of = np.bincount(patients[among])
        hit = np.bincount(patients[among & hits], minlength=len(of))
        sums = (hit.sum(), of.sum(), np.count_nonzero(of), hit @ hit, hit @ of, of @ of)
        return cls(*map(int, sums))

    def __add__(self, other: "Tally") -> "Tally":
        """Both, of different patients."""
        return Tally(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))

    @property
    def worth(self) -> float:
        """The number of independent trials that would be as sure: `of` for one case a patient, `patients` where all or none are hits."""
        if self.of == self.patients or self.hits in {0, self.of}:
            return self.patients
        share = self.hits / self.of
        squares = self.hits_squared - 2 * share * self.hits_by_of + share**2 * self.of_squared
        variance = self.patients / (self.patients - 1) * squares / self.of**2 if self.patients > 1 else 0.0
        return min(self.of, share * (1 - share) / variance) if variance > 0 else self.patients

    def share(self) -> Stated:
        """The share of hits with its 95 % interval."""
        if not self.of:
            return NoFigure(Why.NO_CASES)
        share, worth = self.hits / self.of, self.worth
        bounds = wilson(share * worth, worth)
        return stated(Estimate(share, min(share, bounds.low), max(share, bounds.high)), self.of, self.patients)
