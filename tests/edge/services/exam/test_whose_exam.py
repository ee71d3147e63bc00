"""Each act is of a person who may do it, and of the exam that is open."""

import pytest

from edge.exam.exam import ExamRefused
from edge.people.actor import NOBODY_ACTOR, Actor, Grant, NotAllowed
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.people.permission import Role
from edge.records.errors import RecordUnknown
from edge.records.exams.states import SkipReason
from firmware_bridge.virtual_probe.chest import Chest

CHEST = Chest(2, size=200)


def test_one_exam_at_a_time(desk_of):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    with pytest.raises(ExamRefused, match="An exam is open"):
        desk.begin(ANYONE)


def test_the_second_who_ends_an_exam_sees_that_it_was_ended(desk_of):
    desk, _ = desk_of()
    begun = desk.begin(ANYONE)
    assert desk.end(ANYONE, begun.id).state == "preliminary"
    with pytest.raises(ExamRefused, match="The exam is preliminary: it is not possible to end it"):
        desk.end(ANYONE, begun.id)
    with pytest.raises(ExamRefused, match="No exam is open"):
        desk.end(ANYONE)


def test_what_is_meant_for_one_exam_is_not_done_with_another(desk_of):
    desk, _ = desk_of()
    first = desk.begin(ANYONE)
    desk.end(ANYONE)
    second = desk.begin(ANYONE)
    desk.select(ANYONE, "R1", second.id)
    with pytest.raises(ExamRefused, match=f"Exam {first.id} is not open"):
        desk.select(ANYONE, "R2", first.id)
    with pytest.raises(ExamRefused, match="Zone L1 is not selected"):
        desk.keep(ANYONE, "L1", second.id)
    with pytest.raises(RecordUnknown):
        desk.select(ANYONE, "R2", "none")
    assert desk.status.exam.selected == "R1"


@pytest.mark.parametrize("act", ["begin", "select", "skip", "reopen", "keep", "record_anyway", "end"])
def test_nobody_who_is_not_signed_in_changes_an_exam(desk_of, scan, act):
    desk, _ = desk_of()
    if act != "begin":
        desk.begin(ANYONE)
        scan.show(desk, CHEST, 5)
    before = desk.status.record
    more = {"select": ("L2",), "skip": ("L2", SkipReason.PAIN, ""), "reopen": ("L1",)}.get(act, ())
    with pytest.raises(NotAllowed):
        getattr(desk, act)(NOBODY_ACTOR, *more)
    assert desk.status.record == before


def test_a_zone_that_somebody_not_qualified_takes_makes_the_exam_need_a_review(desk_of):
    desk, _ = desk_of()
    sara = Actor("operator", "sara", None, (Grant(Role.SCAN),), qualified_for=frozenset({"blue-6"}))
    assert desk.begin(sara).qualified
    desk.select(sara, "L2")
    assert desk.status.record.qualified
    desk.select(ANYONE, "L3")
    desk.select(sara, "R1")
    assert not desk.status.record.qualified
