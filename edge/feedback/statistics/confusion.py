"""The confusion matrix and the shares of its rows and columns."""

from dataclasses import dataclass

import numpy as np

from edge.feedback.statistics.cases import Cases
from edge.feedback.statistics.figure import NoFigure
from edge.feedback.statistics.tally import Tally

NOTHING = Tally()


@dataclass(frozen=True, slots=True)
class Matrix:
    """Counts of cases with a known truth, of enough patients to show."""

    true_present: int
    false_present: int
    false_absent: int
    true_absent: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """Its share is the `sensitivity`, `specificity`, `positive_value` and `negative_value` (predictive values) of what was answered.

    Cases without an answer are in `answered` only, whose share is that of the answered cases: leaving them out unseen would flatter.
    """

    sensitivity: Tally = NOTHING
    specificity: Tally = NOTHING
    positive_value: Tally = NOTHING
    negative_value: Tally = NOTHING
    answered: Tally = NOTHING

    @classmethod
    def of(cls, cases: Cases) -> "Confusion":
        """Of the cases whose truth is known."""
        known, answered = ~np.isnan(cases.truth), ~np.isnan(cases.answers)
        has, called, judged = cases.truth == 1, cases.answers == 1, known & answered
        counted = ((called, judged & has), (~called, judged & ~has), (has, judged & called), (~has, judged & ~called), (answered, known))
        return cls(*(Tally.counted(hits, among, cases.patients) for hits, among in counted))

    @classmethod
    def independent(cls, true_present: int, false_present: int, false_absent: int, true_absent: int) -> "Confusion":
        """Of counts with one case of each patient, all answered."""
        every = true_present + false_present + false_absent + true_absent
        return cls(
            Tally.independent(true_present, true_present + false_absent),
            Tally.independent(true_absent, true_absent + false_present),
            Tally.independent(true_present, true_present + false_present),
            Tally.independent(true_absent, true_absent + false_absent),
            Tally.independent(every, every),
        )

    def __add__(self, other: "Confusion") -> "Confusion":
        """Both, of different patients: those of many boards make one."""
        return Confusion(
            self.sensitivity + other.sensitivity,
            self.specificity + other.specificity,
            self.positive_value + other.positive_value,
            self.negative_value + other.negative_value,
            self.answered + other.answered,
        )

    def matrix(self) -> Matrix | NoFigure:
        """The counts as a page may show them."""
        share = self.answered.share()
        if isinstance(share, NoFigure):
            return share
        unanswered = self.answered.of - self.answered.hits
        return Matrix(self.true_present, self.false_present, self.false_absent, self.true_absent, unanswered)

    @property
    def true_present(self) -> int:
        return self.sensitivity.hits

    @property
    def false_absent(self) -> int:
        return self.sensitivity.of - self.sensitivity.hits

    @property
    def true_absent(self) -> int:
        return self.specificity.hits

    @property
    def false_present(self) -> int:
        return self.specificity.of - self.specificity.hits
