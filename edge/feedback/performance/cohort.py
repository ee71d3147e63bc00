"""A cohort: the cases of one finding as columns, some bytes for each, with the strata of each."""

from array import array
from collections.abc import Iterator, Sequence

import numpy as np

from edge.exam.verdict import Verdict
from edge.feedback.performance.strata import Dimension, Strata
from edge.feedback.statistics.cases import Cases
from edge.inference.statistics import Flags

ANSWERED = {Verdict.PRESENT: 1.0, Verdict.ABSENT: 0.0, Verdict.UNSURE: np.nan}


class Cohort:
    """Cases are added one by one; every case has the same dimensions."""

    def __init__(self) -> None:
        self._patients, self._truth = array("l"), array("b")
        self._answers, self._probability = array("f"), array("d")
        self._strata = array("L")
        self._known: dict[Strata, int] = {}

    def add(self, patient: int, *, truth: bool, answer: Verdict, probability: float, strata: Strata) -> None:
        """A case of the patient with this number; `probability` is that of the finding, NaN without one."""
        self._patients.append(patient)
        self._truth.append(truth)
        self._answers.append(ANSWERED[answer])
        self._probability.append(probability)
        self._strata.append(self._known.setdefault(strata, len(self._known)))

    def extend(self, other: "Cohort") -> None:
        """Adds the cases of another cohort."""
        self._patients.extend(other._patients)
        self._truth.extend(other._truth)
        self._answers.extend(other._answers)
        self._probability.extend(other._probability)
        moved = [self._known.setdefault(strata, len(self._known)) for strata in other._known]
        self._strata.extend(moved[code] for code in other._strata)

    def cases(self, person_of: Sequence[int]) -> Cases:
        """The cases; `person_of` has the number of the person behind each patient."""
        persons = np.asarray(person_of, np.intp)[np.asarray(self._patients, np.intp)]
        known = np.asarray(self._truth, np.float64)
        return Cases(persons, known, np.asarray(self._answers, np.float64), np.asarray(self._probability, np.float64))

    def strata(self) -> Iterator[tuple[Dimension, str, Flags]]:
        """Each stratum with its cases, by dimension and value."""
        of = np.asarray(self._strata)
        values: dict[tuple[Dimension, str], list[int]] = {}
        for strata, code in self._known.items():
            for each in strata:
                values.setdefault(each, []).append(code)
        for (dimension, value), codes in sorted(values.items()):
            member = np.zeros(len(self._known), np.bool_)
            member[codes] = True
            yield dimension, value, member[of]
