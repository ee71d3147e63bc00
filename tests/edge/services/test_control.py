"""One page controls the open exam; another takes it over with one touch, and a program that names no page is asked for nothing."""

import pytest

from edge.exam.exam import ExamRefused
from edge.people.actor import NOBODY_ACTOR, UNCLAIMED_ACTOR, NotAllowed
from edge.services.control import ControlledElsewhere, ControlService

WHO = UNCLAIMED_ACTOR


@pytest.fixture
def control():
    made = ControlService(lambda: "exam")
    made.take(WHO, "exam", "first")
    return made


def test_the_page_that_began_the_exam_controls_it(control):
    control.require(WHO, "exam", "first")
    with pytest.raises(ControlledElsewhere, match="Another tablet controls this exam"):
        control.require(WHO, "exam", "second")
    assert control.holder(WHO, "exam") == "first"


def test_a_page_that_takes_it_over_controls_it_and_the_other_one_watches(control):
    control.take(WHO, "exam", "second")
    control.require(WHO, "exam", "second")
    with pytest.raises(ControlledElsewhere):
        control.require(WHO, "exam", "first")


def test_a_program_without_a_page_is_admitted_and_changes_nothing(control):
    control.require(WHO, "exam", "")
    assert control.holder(WHO, "exam") == "first"


def test_an_exam_that_no_page_controls_belongs_to_the_first_that_acts():
    control = ControlService(lambda: "exam")
    assert control.holder(WHO, "exam") == ""
    control.require(WHO, "exam", "second")
    assert control.holder(WHO, "exam") == "second"


def test_an_act_on_another_exam_changes_nothing(control):
    control.require(WHO, "another", "second")
    with pytest.raises(ExamRefused, match="No exam is open"):
        control.take(WHO, "another", "second")
    assert control.holder(WHO, "exam") == "first"
    assert control.holder(WHO, "another") == ""


def test_who_is_not_allowed_to_scan_takes_nothing_over(control):
    with pytest.raises(NotAllowed):
        control.take(NOBODY_ACTOR, "exam", "second")
    assert control.holder(NOBODY_ACTOR, "exam") == "first"
