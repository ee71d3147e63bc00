"""Between two zones the probe is lifted: what it still shows of the zone before fills no other zone."""

from dataclasses import replace

import pytest

from edge.exam.exam import ExamRefused
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.records.exams.states import SkipReason
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

CHEST = Chest(2, size=200)
IN_AIR = replace(CHEST, faults=Faults(air=1.0))
ENOUGH = 35
"""Frames at ten a second: more than BLUE-6's three seconds."""


def test_the_next_zone_is_not_taken_from_where_the_probe_still_lies(desk_of, scan, eventually):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    scan.show(desk, CHEST, 2 * ENOUGH)
    assert desk.status.exam.done == 1
    assert desk.status.live.advice.code == "NEXT_ZONE"
    assert desk.status.live.must_lift
    scan.show(desk, IN_AIR, 5)
    assert not desk.status.live.must_lift
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 2, "the second zone was not kept")


def skips(desk):
    desk.skip(ANYONE, desk.status.exam.selected, SkipReason.PAIN, "")


def keeps(desk):
    desk.keep(ANYONE)


def ends_and_begins(desk):
    """The next patient."""
    desk.end(ANYONE)
    desk.begin(ANYONE)


def keeps_and_takes_again(desk):
    desk.keep(ANYONE)
    desk.reopen(ANYONE, "L1")


def selects(desk):
    desk.select(ANYONE, "R2")


def selects_and_comes_back(desk):
    desk.select(ANYONE, "R2")
    desk.select(ANYONE, "L1")


@pytest.mark.parametrize("act", [keeps, skips, selects, selects_and_comes_back, keeps_and_takes_again, ends_and_begins])
def test_a_view_from_before_a_zone_was_asked_for_never_fills_it(desk_of, scan, eventually, act):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 10)
    act(desk)
    zone, done = desk.status.exam.selected, desk.status.exam.done
    scan.show(desk, CHEST, 2 * ENOUGH)
    assert (desk.status.exam.done, desk.status.live.must_lift) == (done, True)
    with pytest.raises(ExamRefused, match="from before the zone was selected") as refused:
        desk.keep(ANYONE)
    assert "Lift the probe" in refused.value.fix
    scan.show(desk, IN_AIR, 5)
    lifted_at = scan.frame(IN_AIR).sequence
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == done + 1, "the zone was not kept after the lift")
    clip = desk._stored.records.clips(desk.status.record.id)[-1]
    assert (clip.zone, clip.first >= lifted_at) == (zone, True)


def test_a_zone_that_is_asked_for_while_the_probe_is_in_the_air_needs_no_second_lift(desk_of, scan, eventually):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 10)
    scan.show(desk, IN_AIR, 5)
    desk.select(ANYONE, "R2")
    assert not desk.status.live.must_lift
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")


def test_a_lift_counts_while_the_settings_of_the_probe_are_refused(desk_of, refuses, scan, eventually):
    desk, _ = desk_of(refuses)
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 10)
    desk.keep(ANYONE)
    scan.show(desk, replace(IN_AIR, depth_mm=200.0), 5)
    assert not desk.status.live.gate.may_record
    assert not desk.status.live.must_lift
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 2, "no clip was kept")


def test_a_frozen_image_is_not_a_lifted_probe(desk_of, scan):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 10)
    desk.keep(ANYONE)
    scan.show(desk, replace(CHEST, faults=Faults(frozen=True)), 30)
    scan.show(desk, CHEST, ENOUGH)
    assert (desk.status.exam.done, desk.status.live.must_lift) == (1, True)


def test_an_exam_that_is_taken_up_again_does_not_trust_the_view_that_it_finds(desk_of, scan):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    desk.close()
    again, _ = desk_of()
    scan.show(again, CHEST, 2 * ENOUGH)
    assert (again.status.exam.done, again.status.live.must_lift) == (1, True)
