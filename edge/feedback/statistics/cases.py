"""Cases: what was answered of each, and what turned out. Whatever is missing is NaN here, and in no result."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.feedback.statistics.errors import CasesRefused
from edge.feedback.statistics.figure import NoFigure, Why
from edge.feedback.statistics.tally import Codes
from edge.inference.statistics import Flags, Numbers

FIX = "Give 1, 0 or nothing for the truth and for the answer, and a probability from 0 to 1 or nothing, for each case"


@dataclass(frozen=True, eq=False)
class Cases:
    """(cases,) `truth`: 1 with the finding, 0 without, NaN unknown; `answers`: 1 present, 0 absent, NaN can't tell.

    `probability` is that of the finding, NaN without one; `patients` are codes.
    """

    patients: Codes
    truth: Numbers
    answers: Numbers
    probability: Numbers

    @classmethod
    def of(
        cls, names: Sequence[str], patients: Sequence[str], truth: Sequence[float], answers: Sequence[float], probability: Sequence[float]
    ) -> "Cases | NoFigure":
        """From columns of equal length; `names` tell one case from another.

        Raises:
            CasesRefused: the columns differ in length, or hold another value.
        """
        if len({len(names), len(patients), len(truth), len(answers), len(probability)}) != 1:
            raise CasesRefused("the columns of the cases differ in length", FIX)
        if not names:
            return NoFigure(Why.NO_CASES)
        if twice := len(names) - len(set(names)):
            return NoFigure(Why.TWICE, twice)
        known, answered, probable = (np.asarray(column, np.float64) for column in (truth, answers, probability))
        if not (np.isin(known, (0, 1)) | np.isnan(known)).all() or not (np.isin(answered, (0, 1)) | np.isnan(answered)).all():
            raise CasesRefused("a truth or an answer is neither 1 nor 0", FIX)
        if ((probable < 0) | (probable > 1)).any():
            raise CasesRefused("a probability is not between 0 and 1", FIX)
        return cls(np.unique(np.asarray(patients, np.str_), return_inverse=True)[1], known, answered, probable)

    def at(self, rows: Flags) -> "Cases":
        """The cases of these rows, such as those of one zone."""
        return Cases(self.patients[rows], self.truth[rows], self.answers[rows], self.probability[rows])
