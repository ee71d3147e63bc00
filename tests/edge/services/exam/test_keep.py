"""A zone is kept by itself or by hand: its clip is on disk before it is shown, with what the model says of it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from edge.disk.digest import digest_of
from edge.exam.exam import ExamRefused
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.records.audit.entry import Entry
from edge.records.schema import AuditRow
from firmware_bridge.recorder import BUFFER_FULL
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.mcap import IMAGE_SCHEMA, messages_of
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

CHEST = Chest(2, size=200)
IN_AIR = replace(CHEST, faults=Faults(air=1.0))
ENOUGH = 35
"""Frames at ten a second: more than BLUE-6's three seconds."""


def sequences_of(recording):
    return [message.sequence for _, message, schema in messages_of(recording, lambda *_: None) if schema.name == IMAGE_SCHEMA]


def test_a_good_zone_keeps_its_clip_by_itself_and_the_clip_is_on_disk_before_it_is_shown(desk_of, scan, eventually, record_of):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    assert desk.status.exam.selected == "L2"
    folder, record = record_of()
    (clip,) = record["clips"]
    assert (clip["zone"], clip["by"]) == ("L1", "itself")
    assert clip["window"]["last"] - clip["window"]["first"] >= 28
    with open_file(folder / clip["file"]) as source:
        sequences = [frame.sequence for frame in source.frames()]
    assert set(range(clip["window"]["first"] + 1, clip["window"]["last"] + 1)) <= set(range(1, ENOUGH + 1))
    assert len(sequences) >= 28


def test_frames_that_the_recorder_dropped_are_in_no_clip_and_the_clip_states_how_many_are_missing(
    desk_of, scan, eventually, record_of, monkeypatch
):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 10)
    recorder = desk._live.taking._recorder
    with monkeypatch.context() as slow, recorder._changed:  # the writer cannot take anything meanwhile
        slow.setattr("firmware_bridge.recorder.BUFFER_BYTES", 0)
        scan.show(desk, CHEST, 3)
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    folder, record = record_of()
    (clip,) = record["clips"]
    with open_file(folder / clip["file"]) as source:
        numbers = sequences_of(folder / clip["file"])
        assert len([*source.frames()]) == len(numbers)
        assert [(loss.cause, loss.frames) for loss in source.losses] == [(BUFFER_FULL, 3)]
    window = [number for number in numbers if clip["window"]["first"] <= number <= clip["window"]["last"]]
    assert clip["assessment"]["frames"] == len(window)
    problem = desk.status.live.problem
    assert (problem.code, "3 frames are missing" in problem.what) == ("clip-not-whole", True)
    with desk._stored.records._store.read() as session:
        (kept,) = [entry for body in session.scalars(select(AuditRow.body)) if (entry := Entry.of(body)).act == "zone.kept"]
    assert kept.detail["frames_missing"] == 3


def test_in_the_air_nothing_is_kept_and_nothing_is_recorded(desk_of, scan, record_of):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, IN_AIR, ENOUGH)
    assert desk.status.exam.done == 0
    folder, _ = record_of()
    assert not list(folder.glob("*.mcap"))


def test_what_there_is_can_be_kept_by_hand_and_nothing_cannot(desk_of, scan):
    desk, _ = desk_of()
    with pytest.raises(ExamRefused, match="No exam is open"):
        desk.keep(ANYONE)
    desk.begin(ANYONE)
    with pytest.raises(ExamRefused, match="Nothing of this zone"):
        desk.keep(ANYONE)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    assert desk.status.exam.done == 1


def test_a_zone_taken_again_keeps_the_clip_that_it_had(desk_of, scan, record_of):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    for _ in range(2):
        scan.show(desk, CHEST, 5)
        scan.show(desk, IN_AIR, 5)
        scan.show(desk, CHEST, 5)
        desk.keep(ANYONE)
        desk.reopen(ANYONE, "L1")
    folder, record = record_of()
    assert [clip["zone"] for clip in record["clips"]] == ["L1", "L1"]
    assert len({clip["file"] for clip in record["clips"]}) == 2
    assert all((folder / clip["file"]).stat().st_size for clip in record["clips"])


def test_a_kept_zone_is_recorded_with_its_clip_and_what_the_model_says_of_it(desk_of, scan, eventually):
    desk, _ = desk_of()
    begun = desk.begin(ANYONE)
    scan.show(desk, CHEST, ENOUGH)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    (clip,), findings = desk._stored.records.clips(begun.id), desk._stored.records.findings(begun.id)
    assert (clip.zone, clip.by, clip.file_state) == ("L1", "itself", "whole")
    path = desk._stored.path_of(begun) / clip.file
    assert (digest_of(path), path.stat().st_size) == (clip.sha256, clip.bytes)
    summary = desk._reader.summary(desk.status.record).zones[0]
    assert (len(summary.findings), summary.frames) == (3, clip.assessment.frames)
    assert {each.key: each.probability for each in findings} == {each.key: each.probability for each in summary.findings}
    assert {each.release for each in findings} == {scan.release.ident}
    assert desk.status.record.simulated
    assert not list(path.parent.glob("*.part"))


def test_a_zone_that_is_reopened_leaves_its_findings_superseded(desk_of, scan):
    desk, _ = desk_of()
    begun = desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    desk.reopen(ANYONE, "L1")
    assert desk._stored.records.undecided(begun.id) == ()
    scan.show(desk, IN_AIR, 5)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    assert len(desk._stored.records.undecided(begun.id)) == 3
    assert len(desk._stored.records.findings(begun.id)) == 6


def test_what_is_taken_of_a_zone_that_nobody_keeps_is_let_go_and_what_a_stop_interrupts_is_not(desk_of, scan):
    desk, _ = desk_of()
    folder = desk._stored.path_of(desk.begin(ANYONE))
    scan.show(desk, CHEST, 5)
    assert [path.name for path in folder.glob("*.part")] == ["L1.mcap.part"]
    desk.select(ANYONE, "L2")
    assert not list(folder.glob("*.part"))
    scan.show(desk, IN_AIR, 5)
    scan.show(desk, CHEST, 5)
    desk.close()
    assert [path.name for path in folder.glob("*.part")] == ["L2.mcap.part"]
