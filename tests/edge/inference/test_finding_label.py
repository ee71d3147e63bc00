import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference.errors import OutputNotFinite
from edge.inference.finding_label import FindingLabel

SURE = FindingLabel("x", "X", slope=2.0, offset=-1.0, present_from=0.4, absent_to=0.6)
GAP = FindingLabel("x", "X", slope=2.0, offset=-1.0, present_from=0.6, absent_to=0.4)


def test_probability_is_a_calibrated_logistic():
    assert SURE.probability(0.5) == pytest.approx(0.5)
    assert SURE.probability(1e9) == pytest.approx(1)
    assert SURE.probability(-1e9) == pytest.approx(0)


@pytest.mark.parametrize("logit", [math.nan, math.inf, -math.inf])
def test_an_output_that_is_not_finite_has_no_probability(logit):
    with pytest.raises(OutputNotFinite, match="not a finite number"):
        SURE.probability(logit)


@pytest.mark.parametrize(
    ("probability", "reported"), [(0.39, ("absent",)), (0.4, ("present", "absent")), (0.6, ("present", "absent")), (0.61, ("present",))]
)
def test_what_cannot_be_ruled_out_is_in_the_set(probability, reported):
    assert SURE.set_of(probability) == reported


def test_a_probability_that_fits_neither_rules_out_neither():
    assert GAP.set_of(0.5) == ("present", "absent")
    assert (GAP.set_of(0.6), GAP.set_of(0.4)) == (("present",), ("absent",))


@given(st.floats(0, 1), st.floats(-0.1, 1.1), st.floats(-0.1, 1.1))
def test_a_set_never_gets_more_absent_as_the_probability_rises(probability, present_from, absent_to):
    label = FindingLabel("x", "X", 1, 0, present_from, absent_to)
    order = [("absent",), ("present", "absent"), ("present",)]
    assert order.index(label.set_of(probability)) <= order.index(label.set_of(min(1.0, probability + 0.1)))
