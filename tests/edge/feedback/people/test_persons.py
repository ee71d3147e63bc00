"""A name in the records leads to one person, or to none."""

import pytest

from edge.feedback.people.persons import People
from edge.people.actor import Grant
from edge.people.permission import Role

PEOPLE = People(
    {"S-7": "sara", "X (old)": "xander", "old": "olga", "": "nobody"}, {"over": (Grant(Role.OVER_READ, "blue-6"),)}, frozenset()
)


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Sara (S-7)", "sara"),
        ("Sara (née B) (S-7)", "sara"),
        ("Xan (X (old))", "xander"),
        ("Olga (old)", "olga"),
        ("the board's shell", None),
        ("break-glass", None),
        ("Sara (S-8)", None),
        ("S-7", None),
        ("", None),
        (None, None),
    ],
)
def test_the_badge_at_the_end_of_the_name_counts(name, person):
    assert PEOPLE.called(name) == person
