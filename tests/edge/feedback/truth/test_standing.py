"""What holds of a condition: the best reference that states something, and nothing where the best ones differ."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.feedback.truth.condition import Reference, condition_as, conditions
from edge.feedback.truth.standing import EARLIEST, Open, OutcomeRefused, Stated, Truth, require_plausible, truth_of

PNEUMONIA = condition_as("pneumonia")
EXAM = date(2026, 11, 20)
CT, XRAY, LABORATORY = Reference.CT, Reference.XRAY, Reference.LABORATORY


def stated(present, reference=CT, condition="pneumonia", on=EXAM):
    return Stated(condition, present, reference, on)


def test_without_an_outcome_nothing_is_known():
    assert truth_of(PNEUMONIA, []) == Truth("pneumonia", None, Open.NOTHING)
    assert truth_of(PNEUMONIA, [stated(True, condition="covid-19")]).why is Open.NOTHING


def test_the_best_reference_holds():
    assert truth_of(PNEUMONIA, [stated(True, XRAY), stated(False, CT)]) == Truth("pneumonia", False, None, 3, CT)


def test_a_reference_that_could_not_tell_leaves_the_next_one():
    assert truth_of(PNEUMONIA, [stated(None, CT), stated(True, XRAY)]).reference is XRAY
    assert truth_of(PNEUMONIA, [stated(None, CT)]) == Truth("pneumonia", None, Open.NOT_TOLD)


def test_the_best_references_that_differ_leave_it_open_and_a_weaker_one_does_not_decide():
    assert truth_of(PNEUMONIA, [stated(True, CT), stated(False, Reference.PANEL), stated(True, XRAY)]).why is Open.DIFFER


def test_a_cohort_can_ask_for_a_least_level():
    weak = [stated(True, LABORATORY)]
    assert truth_of(PNEUMONIA, weak).present
    assert truth_of(PNEUMONIA, weak, least=2).why is Open.NOTHING


OUTCOMES = st.builds(
    stated, st.sampled_from([True, False, None]), st.sampled_from(Reference), st.sampled_from([each.id for each in conditions()])
)


@given(st.lists(OUTCOMES, max_size=8), st.sampled_from(conditions()), st.integers(1, 3), st.randoms())
def test_it_does_not_depend_on_the_order_and_never_guesses(outcomes, condition, least, chance):
    truth = truth_of(condition, outcomes, least)
    shuffled = [*outcomes]
    chance.shuffle(shuffled)
    again = truth_of(condition, shuffled, least)
    assert (again.present, again.why, again.level) == (truth.present, truth.why, truth.level)
    assert (truth.present is None) == (truth.why is not None)
    known = {each.present for each in outcomes if each.condition == condition.id and condition.references.get(each.reference, 0) >= least}
    assert truth.present is None or truth.present in known


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (stated(True, Reference.OVER_READ), "does not determine this condition. Choose one of ct, panel"),
        (stated(True, on=EXAM + timedelta(2)), "2026-11-22, lies in the future"),
        (stated(True, on=EXAM - EARLIEST - timedelta(1)), "more than 7 days before the exam"),
    ],
)
def test_an_outcome_that_cannot_be_true_is_refused(outcome, why):
    with pytest.raises(OutcomeRefused, match=why):
        require_plausible(outcome, PNEUMONIA, EXAM, EXAM + timedelta(1))


def test_an_outcome_of_the_same_illness_is_taken():
    for on in (EXAM - EARLIEST, EXAM, EXAM + timedelta(1)):
        require_plausible(stated(True, on=on), PNEUMONIA, EXAM, EXAM + timedelta(1))
