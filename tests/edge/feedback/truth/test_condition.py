"""The conditions are data: each is named once, and has the references that determine it."""

import pytest

from edge.exam.likelihood.published import published
from edge.feedback.truth.condition import ConditionUnknown, Reference, condition_as, conditions


def test_each_condition_has_an_id_of_its_own_and_an_accepted_reference():
    assert len({each.id for each in conditions()}) == len(conditions())
    assert all(3 in each.references.values() for each in conditions())
    assert {reference for each in conditions() for reference in each.references} == set(Reference)


def test_every_condition_of_a_published_sign_can_become_known():
    assert {row.condition for row in published()} <= {each.name for each in conditions()}


def test_an_unknown_condition_is_refused_with_the_known_ones():
    assert condition_as("covid-19").name == "COVID-19"
    with pytest.raises(ConditionUnknown, match="pleural-effusion"):
        condition_as("gout")
