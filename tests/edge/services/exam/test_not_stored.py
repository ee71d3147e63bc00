"""What the disk or the records do not take is shown as open, and the zone can be taken again."""

import pytest

from edge.exam.exam_file import ExamNotStored
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.records.errors import RecordsFull
from edge.records.exams.exams import Exams
from firmware_bridge.virtual_probe.chest import Chest

CHEST = Chest(2, size=200)
ENOUGH = 35
"""Frames at ten a second: more than BLUE-6's three seconds."""


def refuse(*_args, **_more):
    raise RecordsFull("database or disk is full", "Free some room")


def fail(*_args, **_more):
    raise RuntimeError("a fault of the program")


def test_a_zone_is_not_shown_as_done_that_the_disk_did_not_take(desk_of, scan, record_of):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    folder, before = record_of()
    (folder / "exam.json.new").mkdir()
    with pytest.raises(ExamNotStored):
        desk.keep(ANYONE)
    assert desk.status.exam.done == 0
    assert record_of()[1] == before
    (folder / "exam.json.new").rmdir()
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    assert desk.status.exam.done == 1


def test_records_that_refuse_leave_the_zone_open_and_its_recording_on_disk_and_the_exam_goes_on(desk_of, scan, monkeypatch):
    desk, _ = desk_of()
    begun = desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    with monkeypatch.context() as full:
        full.setattr(Exams, "keep", refuse)
        with pytest.raises(RecordsFull):
            desk.keep(ANYONE)
    assert (desk.status.exam.done, desk._stored.records.clips(begun.id)) == (0, ())
    assert [path.name for path in desk._stored.path_of(begun).glob("*.mcap")] == ["L1.mcap"]
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    assert desk.status.exam.done == 1
    assert [clip.file for clip in desk._stored.records.clips(begun.id)] == ["L1-1.mcap"]


def test_records_that_refuse_a_clip_which_keeps_itself_are_reported(desk_of, scan, eventually, monkeypatch):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    with monkeypatch.context() as full:
        full.setattr(Exams, "keep", refuse)
        scan.show(desk, CHEST, ENOUGH)
        eventually(lambda: desk.status.live.problem is not None, "nothing was shown")
        assert desk.status.live.problem.code == "records-not-written"
        eventually(lambda: not desk.status.live.keeping, "the zone is not taken again")
    assert desk.status.exam.done == 0
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")


def test_a_clip_that_is_not_stored_for_any_reason_is_shown_and_the_zone_is_taken_again(desk_of, scan, eventually, monkeypatch):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    with monkeypatch.context() as broken:
        broken.setattr(Exams, "keep", fail)
        scan.show(desk, CHEST, ENOUGH)
        eventually(lambda: desk.status.live.problem is not None, "nothing was shown")
    assert "a fault of the program" in desk.status.live.problem.what
    assert not desk.status.live.keeping
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
