"""The probe is set as the protocol asks; where that is not possible, the operator decides."""

from dataclasses import replace

from edge.exam.taking.gate import GateState
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

CHEST = Chest(2, size=200)
IN_AIR = replace(CHEST, faults=Faults(air=1.0))
SHALLOW = replace(CHEST, depth_mm=60.0)
ENOUGH = 35
"""Frames at ten a second: more than BLUE-6's three seconds."""


def test_a_probe_that_is_set_wrongly_is_set_once_and_takes_the_zone(desk_of, scan, eventually):
    desk, probe = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, SHALLOW, 3)
    eventually(lambda: probe.asked, "the probe was not asked")
    assert probe.asked[0].depth_mm == 80
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    assert desk.status.exam.overridden == 0
    assert len(probe.asked) == 1


def test_where_the_probe_does_not_obey_the_operator_is_asked_and_may_record_anyway(desk_of, refuses, scan, eventually, record_of):
    desk, _ = desk_of(refuses)
    desk.begin(ANYONE)
    scan.show(desk, SHALLOW, 3)
    eventually(lambda: desk.status.live.gate.state is GateState.REFUSED, "nobody was asked")
    scan.show(desk, SHALLOW, ENOUGH)
    assert desk.status.live.advice.code == "TOO_SHALLOW"
    assert desk.status.exam.done == 0
    desk.record_anyway(ANYONE)
    scan.show(desk, SHALLOW, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    assert desk.status.exam.overridden == 1
    _, record = record_of()
    assert record["exam"]["zones"]["L1"]["overridden"] == ["TOO_SHALLOW"]


def test_a_probe_that_reports_nonsense_is_not_believed(desk_of, refuses, scan):
    class Nonsense(Chest):
        @property
        def settings(self):
            return AcquisitionSettings(depth_mm=-3.0, preset="lung")

    desk, _ = desk_of(refuses)
    desk.begin(ANYONE)
    scan.show(desk, Nonsense(2, size=200), 10)
    assert desk.status.live.advice.code == "SETTINGS_IMPLAUSIBLE"
    assert desk.status.exam.done == 0


def fail(*_args, **_more):
    raise RuntimeError("a fault of the program")


def test_a_probe_that_cannot_be_set_for_any_reason_leaves_it_to_the_operator(desk_of, scan, eventually):
    desk, _ = desk_of(fail)
    desk.begin(ANYONE)
    scan.show(desk, SHALLOW, 3)
    eventually(lambda: desk.status.live.gate.state is GateState.REFUSED, "the operator was not asked")
    eventually(lambda: desk.status.live.problem is not None, "nothing was shown")
    assert "a fault of the program" in desk.status.live.problem.what
    desk.record_anyway(ANYONE)
    assert desk.status.live.gate.may_record


def test_without_an_exam_the_image_alone_is_advised_on(desk_of, scan):
    desk, _ = desk_of()
    scan.show(desk, CHEST, 5)
    assert desk.status.live.advice.code == "GOOD"
    scan.show(desk, IN_AIR, 5)
    assert desk.status.live.advice.code == "NO_CONTACT"
