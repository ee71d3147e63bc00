"""The site's own figures: one exam of each person, and none where patients are few."""

from datetime import datetime, timezone

import pytest

from edge.exam.verdict import Verdict
from edge.feedback.performance.collect import SignCase, Subject
from edge.feedback.performance.own import own_figures

AT = datetime(2026, 3, 2, tzinfo=timezone.utc)
SUBJECT = Subject("exam", "b_lines", "acute-heart-failure")
NAME = "acute heart failure"


def cases(*given):
    return [SignCase(patient, AT, present, answer, "Philips Lumify") for patient, present, answer in given]


def many(count, present, answer, first=0):
    return [(number, present, answer) for number in range(first, first + count)]


def test_shares_and_bounds_are_of_one_exam_of_each_person():
    given = cases(*many(30, True, Verdict.PRESENT), *many(30, False, Verdict.ABSENT, 30), (0, True, Verdict.ABSENT))
    own = own_figures({SUBJECT: given}, list(range(60)))[NAME]
    assert (own.with_it, own.without_it, own.sensitivity, own.specificity) == (30, 30, 1, 1)
    assert own.sensitivity_at_least == pytest.approx(0.8865, abs=1e-4)  # Wilson: 30 / (30 + 1.96²)
    assert own.why_not == ""
    assert "Philips Lumify" in own.where


def test_a_person_who_is_registered_twice_counts_once():
    given = cases(*many(6, True, Verdict.PRESENT), *many(6, False, Verdict.ABSENT, 6))
    persons = [0, *range(11)]
    assert own_figures({SUBJECT: given}, persons)[NAME].with_it == 5


def test_an_open_answer_leaves_the_place_to_a_later_exam():
    given = cases((0, True, Verdict.UNSURE), *many(5, True, Verdict.PRESENT), *many(5, False, Verdict.ABSENT, 5))
    assert own_figures({SUBJECT: given}, list(range(10)))[NAME].with_it == 5


def test_fewer_than_five_on_one_side_give_no_figures():
    assert own_figures({SUBJECT: cases(*many(9, True, Verdict.PRESENT), *many(4, False, Verdict.ABSENT, 9))}, list(range(13))) == {}
