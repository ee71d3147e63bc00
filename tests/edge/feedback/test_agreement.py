"""How readers decide on the model's answers: agreed, opposed, open and untold, and no share of a few."""

import pytest

from edge.feedback.agreement import LEAST, agreements
from edge.records.exams.finding import Decided


@pytest.mark.parametrize(
    ("verdict", "decision", "decided", "counted"),
    [
        ("present", "accepted", None, "agreed"),
        ("absent", "accepted", None, "agreed"),
        ("present", "rejected", None, "opposed"),
        ("present", "edited", "absent", "opposed"),
        ("present", "edited", "present", "agreed"),
        ("absent", "edited", "unsure", "open"),
        ("absent", "not_assessable", None, "open"),
        ("unsure", "accepted", None, "untold"),
        ("unsure", "edited", "present", "untold"),
    ],
)
def test_each_decision_counts_as_what_it_states(verdict, decision, decided, counted):
    (found,) = agreements([Decided("b_lines", verdict, decision, decided, 3)])
    counts = {name: getattr(found, name) for name in ("agreed", "opposed", "open", "untold")}
    assert counts == {**dict.fromkeys(counts, 0), counted: 3}


@pytest.mark.parametrize(("count", "share"), [(LEAST - 1, None), (LEAST, 1.0)])
def test_a_few_decisions_have_no_share(count, share):
    (found,) = agreements([Decided("b_lines", "present", "accepted", None, count), Decided("b_lines", "unsure", "accepted", None, 100)])
    assert found.share == share


def test_the_share_is_that_of_the_answers_that_the_model_stated():
    counted = [
        Decided("b_lines", "present", "accepted", None, 6),
        Decided("b_lines", "absent", "rejected", None, 1),
        Decided("b_lines", "absent", "not_assessable", None, 1),
        Decided("a_lines", "absent", "accepted", None, 1),
    ]
    a_lines, b_lines = agreements(counted)
    assert (a_lines.finding, b_lines.finding) == ("a_lines", "b_lines")
    assert b_lines.share == 0.75
