"""Who sees what the model says before a review, by site policy, and in which words an exam stands."""

from dataclasses import dataclass

import pytest

from edge.exam.review.showing import after_review, always, standing
from edge.people.actor import NOBODY_ACTOR, UNCLAIMED_ACTOR, Actor, Grant, break_glass
from edge.people.permission import Role


@dataclass
class Stands:
    state: str = "preliminary"
    qualified: bool = False
    id: str = "1"
    protocol: str = "blue-6"
    operator: str = "tesfaye"
    over_read: tuple[str, ...] = ()


def person(role, protocol="*"):
    return Actor("operator", role.value, role.value, (Grant(role, protocol),))


@pytest.mark.parametrize("actor", [person(Role.SCAN), person(Role.ADMIN), UNCLAIMED_ACTOR, NOBODY_ACTOR, break_glass("s")])
def test_before_the_review_it_is_kept_from_everybody_but_readers(actor):
    for state in ("draft", "preliminary"):
        assert not after_review(actor, Stands(state))
    for shown in (Stands("final"), Stands("amended"), Stands(qualified=True)):
        assert after_review(actor, shown)
    assert always(actor, Stands())


def test_readers_of_its_protocol_see_it():
    assert after_review(person(Role.INTERPRET), Stands())
    assert after_review(person(Role.OVER_READ, "blue-6"), Stands())
    assert not after_review(person(Role.INTERPRET, "lus-8"), Stands())


def test_an_exam_by_somebody_not_qualified_needs_a_review_and_says_so():
    assert standing(Stands()) == "preliminary, needs review: tesfaye is not qualified for blue-6"
    assert standing(Stands("draft")).startswith("draft, needs review")
    assert [standing(Stands(state, True)) for state in ("draft", "preliminary", "final")] == ["draft", "preliminary", "final"]
    assert standing(Stands("final")) == "final"
