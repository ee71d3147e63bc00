import numpy as np
import pytest

from edge.feedback.drift.errors import ReferenceRefused, SignalsRefused
from edge.feedback.drift.measure import FEWEST_EXAMS, Measure
from edge.feedback.drift.signals import Signals
from tests.edge.feedback.drift.ward import exams


@pytest.fixture(scope="module")
def measure():
    return Measure(exams(2, 80))


def test_an_exam_is_above_or_below_the_reference(measure):
    found = measure.of(Signals({"brightness": np.full(4, 500.0), "depth": np.full(4, 1.0)}))
    shift = dict(zip(measure.channels, found.shift.tolist(), strict=True))
    assert (shift["brightness"], shift["depth"]) == (1, -1)
    assert np.isnan([shift["b-lines"], shift["sharpness"]]).all()
    assert np.isnan(found.place).all()


def test_an_exam_of_the_reference_is_compared_with_the_others_only(measure):
    odd = [*exams(2, 79), Signals({"brightness": np.full(400, 500.0)})]
    found = Measure(odd).of_reference(odd)[-1]
    assert found.shift[Measure(odd).channels.index("brightness")] == 1
    assert Measure(odd).of(odd[-1]).shift[1] < 0.7


def test_values_that_were_not_measured_are_no_channel():
    few = [Signals({"depth": each.values["depth"], "gain": np.empty(0)}) for each in exams(3, 70)]
    few[0] = Signals({"rare": np.ones(3), **few[0].values})
    assert Measure(few).channels == ("depth",)
    assert Measure(few).of(Signals({"rare": np.ones(3)})).place.size == 0


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ([], f"0 exams, and at least {FEWEST_EXAMS}"),
        (exams(4, FEWEST_EXAMS - 1), "at least"),
        ([Signals({})] * 70, "nothing in common"),
        ([Signals({"depth": np.array([1, np.nan])})] * 70, "not a number"),
    ],
)
def test_a_reference_that_cannot_be_used_is_refused(given, what):
    with pytest.raises((ReferenceRefused, SignalsRefused), match=what):
        Measure(given).of_reference(given)


def test_signals_that_do_not_fit_are_refused(measure):
    with pytest.raises(SignalsRefused, match="another number of features"):
        measure.of(Signals({}, np.ones((3, 5))))
    with pytest.raises(SignalsRefused, match="another number of features"):
        measure.of(Signals({}, np.ones((3, 1))))
    with pytest.raises(SignalsRefused, match="another number of features"):
        Measure([*exams(2, 80), Signals({}, np.ones((3, 5)))])
    with pytest.raises(SignalsRefused, match="not a number"):
        measure.of(Signals({}, np.full((3, 24), np.inf)))
