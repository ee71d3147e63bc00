"""A cohort: its columns, its strata, and two that are joined."""

import numpy as np

from edge.exam.verdict import Verdict
from edge.feedback.performance.cohort import Cohort
from edge.feedback.performance.strata import Dimension

LEFT, RIGHT = (((Dimension.ZONE, zone),) for zone in ("L1", "R1"))


def cohort(*cases):
    made = Cohort()
    for patient, truth, answer, probability, strata in cases:
        made.add(patient, truth=truth, answer=answer, probability=probability, strata=strata)
    return made


def test_cases_are_of_persons_and_an_open_answer_is_none():
    made = cohort((0, True, Verdict.PRESENT, 0.9, LEFT), (1, False, Verdict.UNSURE, 0.5, RIGHT), (2, False, Verdict.ABSENT, 0.1, LEFT))
    cases = made.cases([0, 0, 2])
    assert cases.patients.tolist() == [0, 0, 2]
    assert cases.truth.tolist() == [1, 0, 0]
    assert np.array_equal(cases.answers, [1, np.nan, 0], equal_nan=True)
    assert {value: rows.tolist() for _, value, rows in made.strata()} == {"L1": [True, False, True], "R1": [False, True, False]}


def test_joined_cohorts_hold_the_cases_and_strata_of_both():
    one = cohort((0, True, Verdict.PRESENT, 0.9, LEFT))
    one.extend(cohort((1, False, Verdict.ABSENT, 0.1, RIGHT), (2, True, Verdict.ABSENT, 0.2, LEFT)))
    assert one.cases([0, 1, 2]).probability.tolist() == [0.9, 0.1, 0.2]
    assert {value: rows.tolist() for _, value, rows in one.strata()} == {"L1": [True, False, True], "R1": [False, True, False]}
