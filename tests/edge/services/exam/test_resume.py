"""An open exam is taken up again at a start, from the records and with the text of its protocol as it was."""

from dataclasses import replace

import pytest
from sqlalchemy import delete

from edge.exam.protocol.file import Catalogue, load_catalogue
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.records.exams.states import SkipReason
from edge.records.schema import ExamRow, ProtocolTextRow
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

CHEST = Chest(2, size=200)
IN_AIR = replace(CHEST, faults=Faults(air=1.0))


def test_an_open_exam_is_taken_up_where_it_was_and_an_ended_one_is_not(desk_of, scan, eventually, tmp_path):
    desk, _ = desk_of()
    desk.begin(ANYONE, "lus-8")
    desk.skip(ANYONE, desk.status.exam.selected, SkipReason.PAIN, "")
    scan.show(desk, CHEST, 60)
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    desk.close()
    again, _ = desk_of()
    assert again.status.running
    assert again.status.exam.protocol.id == "lus-8"
    assert (again.status.exam.done, again.status.exam.skipped) == (1, 1)
    assert again.status.exam.zones == desk.status.exam.zones
    again.end(ANYONE)
    assert not desk_of()[0].status.running


def test_the_record_is_the_truth_and_what_lies_beside_the_clips_is_made_again_from_it(desk_of, scan, record_of):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    desk.close()
    folder, before = record_of()
    (folder / "exam.json").write_text("{")
    again, _ = desk_of()
    assert (again.status.running, again.status.exam.done, again.status.live.problem) == (True, 1, None)
    assert record_of()[1] == before


def test_an_exam_that_cannot_be_taken_up_is_reported_and_can_be_ended(desk_of, store):
    desk, _ = desk_of()
    lost = desk.begin(ANYONE)
    desk.close()
    with store.write() as change:
        change.session.get(ExamRow, lost.id).zones = {}
        change.log("tester", "exam.spoilt", f"exam/{lost.id}")
    again, _ = desk_of()
    assert not again.status.running
    assert "cannot be resumed" in again.status.live.problem.what
    newer = again.begin(ANYONE)
    assert again.end(ANYONE, lost.id).state == "preliminary"
    assert (again.status.running, again.status.record.id) == (True, newer.id)


@pytest.mark.parametrize("change", ["removed", "changed"])
def test_an_exam_goes_on_and_ends_when_its_protocols_file_was_changed_or_removed(desk_of, scan, change):
    desk, _ = desk_of()
    begun = desk.begin(ANYONE)
    scan.show(desk, CHEST, 5)
    desk.keep(ANYONE)
    desk.close()
    others = [each for each in load_catalogue().protocols if each.id != "blue-6"]
    changed = [load_catalogue().named("blue-6").model_copy(update={"version": "2.0.0"})] if change == "changed" else []
    again, _ = desk_of(protocol="lus-8", catalogue=Catalogue((*others, *changed), ()))
    assert (again.status.running, again.status.exam.selected, again.status.live.problem) == (True, "L2", None)
    assert again.status.exam.protocol.version == "1.0.0"
    scan.show(again, IN_AIR, 5)
    scan.show(again, CHEST, 5)
    again.keep(ANYONE)
    again.end(ANYONE)
    assert len(again._reader.summary(again._stored.records.get(begun.id)).zones[1].findings) == 3


def test_an_exam_from_before_texts_were_stored_gets_the_text_at_a_start(desk_of, store):
    desk, _ = desk_of()
    desk.begin(ANYONE)
    desk.close()
    with store.write() as change:
        change.session.execute(delete(ProtocolTextRow))
        change.log("tester", "protocol.lost", "protocol/blue-6")
    desk_of()[0].close()
    again, _ = desk_of(protocol="lus-8", catalogue=Catalogue((load_catalogue().named("lus-8"),), ()))
    assert (again.status.running, again.status.exam.protocol.id) == (True, "blue-6")
