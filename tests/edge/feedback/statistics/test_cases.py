import numpy as np
import pytest

from edge.feedback.statistics.cases import Cases
from edge.feedback.statistics.errors import CasesRefused
from edge.feedback.statistics.figure import NoFigure, Why
from tests.edge.feedback.statistics.columns import cases_of


def test_no_case_and_a_case_twice_are_sentences():
    assert Cases.of([], [], [], [], []) == NoFigure(Why.NO_CASES)
    assert Cases.of(["a", "b", "a"], ["p", "q", "p"], [1, 0, 1], [1, 0, 1], [0.5] * 3) == NoFigure(Why.TWICE, 1)


@pytest.mark.parametrize(
    ("truth", "answers", "probability", "what"),
    [
        ([1, 2], [1, 0], [0.5, 0.5], "neither 1 nor 0"),
        ([1, 0], [1, -1], [0.5, 0.5], "neither 1 nor 0"),
        ([1, 0], [1, 0], [0.5, 1.01], "not between 0 and 1"),
        ([1, 0], [1, 0], [np.inf, 0.5], "not between 0 and 1"),
        ([1, 0], [1, 0, 0], [0.5, 0.5], "differ in length"),
    ],
)
def test_columns_that_are_not_what_they_must_be_are_refused(truth, answers, probability, what):
    with pytest.raises(CasesRefused, match=what):
        Cases.of(["a", "b"], ["p", "q"], truth, answers, probability)


def test_rows_keep_their_patients():
    cases = cases_of([1, 0, np.nan, 1], [1, np.nan, 0, 0], [0.9, 0.1, 0.5, np.nan], patients=[3, 3, 1, 2])
    some = cases.at(np.array([True, False, True, True]))
    assert some.truth.tolist()[::2] == [1, 1]
    assert (some.patients[0], len(set(some.patients.tolist()))) == (cases.patients[1], 3)
