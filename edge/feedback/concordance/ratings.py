"""Ratings: what each reader states of each case, as numbers on one scale; a reader need not have rated every case."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from typing_extensions import Self

from edge.feedback.agreement import LEAST
from edge.feedback.statistics.draws import by_patient, patient_counts
from edge.feedback.statistics.errors import CasesRefused
from edge.feedback.statistics.figure import NoFigure, Stated, Why, stated
from edge.feedback.statistics.tally import Codes
from edge.inference.statistics import Numbers, Statistic, estimate, value_of


@dataclass(frozen=True, slots=True)
class Rating:
    """One reader's rating of one case, such as a zone's score of 0 to 3, or 1 for present and 0 for absent."""

    case: str
    patient: str
    reader: str
    value: float


@dataclass(frozen=True, eq=False)
class Ratings:
    """(cases, readers) `values`, NaN where a reader did not rate a case; (cases,) codes of the `patients`."""

    readers: tuple[str, ...]
    patients: Codes
    values: Numbers

    @classmethod
    def of(cls, ratings: Iterable[Rating]) -> "Ratings | NoFigure":
        """Cases and readers in the order of their names.

        Raises:
            CasesRefused: a rating is not a number, or a case is of two patients.
        """
        given = tuple(ratings)
        if not given:
            return NoFigure(Why.NO_CASES)
        if not np.isfinite([each.value for each in given]).all():
            raise CasesRefused("a rating is not a number", "Leave out what a reader did not rate")
        twice = sum(times > 1 for times in Counter((each.case, each.reader) for each in given).values())
        if twice:
            return NoFigure(Why.TWICE, twice)
        patient_of = {each.case: each.patient for each in given}
        if any(patient_of[each.case] != each.patient for each in given):
            raise CasesRefused("a case is of two patients", "Give each case to one patient")
        cases, readers = sorted(patient_of), sorted({each.reader for each in given})
        row, column = ({name: number for number, name in enumerate(names)} for names in (cases, readers))
        values = np.full((len(cases), len(readers)), np.nan)
        for each in given:
            values[row[each.case], column[each.reader]] = each.value
        return cls(tuple(readers), np.unique([patient_of[case] for case in cases], return_inverse=True)[1], values)

    @property
    def people(self) -> int:
        """The number of patients."""
        return len(np.unique(self.patients))

    def both(self, one: str, other: str) -> Self:
        """The cases that both readers rated, and these two readers only."""
        values = self.values[:, [self.readers.index(one), self.readers.index(other)]]
        rated = ~np.isnan(values).any(axis=1)
        return type(self)((one, other), self.patients[rated], values[rated])

    def paired(self) -> Self:
        """The cases that two readers or more rated: nobody agrees alone."""
        rated = (~np.isnan(self.values)).sum(axis=1) >= 2
        return type(self)(self.readers, self.patients[rated], self.values[rated])

    def obstacle(self) -> NoFigure | None:
        """Why there can be no figure of these cases."""
        if not len(self.values):
            return NoFigure(Why.NO_CASES)
        if self.people < LEAST:
            return NoFigure(Why.FEW)
        return None if np.unique(self.values[~np.isnan(self.values)]).size > 1 else NoFigure(Why.ALIKE)

    def places(self) -> tuple[Numbers, Numbers]:
        """The (values,) of the scale that occur, in order, and how many readers gave each: (cases, values)."""
        scale = np.unique(self.values[~np.isnan(self.values)])
        return scale, (self.values[:, :, None] == scale).sum(axis=1).astype(np.float64)

    def beyond_chance(self, statistic: Statistic) -> Stated:
        """A statistic of weights of these cases that is 1 where nobody differs, with an interval over patients; there is no obstacle."""
        if value_of(statistic, len(self.values)) == 1:
            return NoFigure(Why.NEVER_DIFFER)
        return stated(estimate(by_patient(statistic, self.patients), patient_counts(self.patients)), len(self.values), self.people)
