"""Retention: only clips of exams that are signed and sent go, oldest first, with their entry in the trail; rows stay."""

from datetime import timedelta

import pytest

from edge.disk.room import free_bytes
from edge.records.errors import RecordStale
from edge.records.exams.reconcile import Reconciled, reconcile
from edge.records.exams.retention import MB, Policy, due, remove
from edge.records.schema import AuditRow, FindingRow

BY_AGE = Policy(30, 0)


def exam_of(data, name, *, days=60, state="final", sent=True):
    exam = data.exam(name)
    path = data.clip(exam)
    ended = data.store.now() - timedelta(days=days)
    data.change(exam, state=state, ended_at=ended, sent_at=ended if sent else None)
    return exam, path


def test_old_clips_go_and_rows_and_findings_stay(data):
    exam, path = exam_of(data, "old")
    (removal,) = due(data.store, data.folder, BY_AGE)
    assert (removal.exam_id, removal.clips, removal.bytes, removal.why) == (exam.id, 1, path.stat().st_size, "age")
    remove(data.store, data.folder, removal)
    assert not path.exists()
    assert [clip.file_state for clip in data.clips()] == ["removed"]
    assert data.exams.get(exam.id).removed_at is not None
    assert len(data.rows(FindingRow)) == 1
    assert due(data.store, data.folder, BY_AGE) == ()


@pytest.mark.parametrize(
    "case", [{"state": "preliminary"}, {"state": "draft"}, {"sent": False}, {"days": 29}], ids=["unsigned", "draft", "unsent", "young"]
)
def test_unsigned_unsent_and_young_exams_stay(data, case):
    exam_of(data, "e", **case)
    assert due(data.store, data.folder, BY_AGE) == ()


def test_unsigned_and_unsent_exams_stay_on_a_full_disk_too(data):
    exam_of(data, "unsigned", state="preliminary")
    exam_of(data, "unsent", sent=False)
    assert due(data.store, data.folder, Policy(1, 10**9)) == ()


def test_without_days_nothing_goes_for_its_age(data):
    exam_of(data, "old", days=500)
    assert due(data.store, data.folder, Policy(0, 0)) == ()


def test_an_exam_from_a_clock_that_was_never_set_does_not_grow_old_and_those_after_it_do(data):
    exam_of(data, "unset", days=20000)
    exam_of(data, "old")
    assert [removal.folder for removal in due(data.store, data.folder, BY_AGE)] == ["old"]


def test_for_room_the_oldest_go_first_and_no_more_than_is_needed(data):
    for days in (1, 3, 2):
        exam_of(data, f"d{days}", days=days)
    floor = free_bytes(data.folder) // MB + 1  # a megabyte at most is short, and each clip is smaller
    everything = due(data.store, data.folder, Policy(0, floor + 1000))
    assert [removal.folder for removal in everything] == ["d3", "d2", "d1"]
    assert {removal.why for removal in everything} == {"room"}
    assert due(data.store, data.folder, Policy(0, 0)) == ()


def test_the_entry_of_the_trail_is_in_the_same_transaction_and_names_the_clips(data):
    exam, _ = exam_of(data, "old")
    (removal,) = due(data.store, data.folder, BY_AGE)
    remove(data.store, data.folder, removal, "Abeba")
    with data.store.read() as session:
        entry = session.query(AuditRow).order_by(AuditRow.seq.desc()).first()
    assert (entry.actor, entry.act, entry.subject) == ("Abeba", "clips.removed", f"exam/{exam.id}")
    assert data.clips()[0].id in entry.body


def test_after_a_power_cut_the_next_start_completes_the_removal(data, monkeypatch):
    _, path = exam_of(data, "old")
    (removal,) = due(data.store, data.folder, BY_AGE)

    def cut(*_, **__):
        raise OSError("power")

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.unlink", cut)
        with pytest.raises(OSError, match="power"):
            remove(data.store, data.folder, removal)
    assert path.exists()
    data.open()
    assert reconcile(data.store, data.folder) == Reconciled()
    assert not path.exists()


def test_an_exam_that_must_be_sent_again_stays(data):
    exam, path = exam_of(data, "old")
    (removal,) = due(data.store, data.folder, BY_AGE)
    data.change(exam, sent_at=None)
    with pytest.raises(RecordStale, match="changed in the meantime"):
        remove(data.store, data.folder, removal)
    assert path.exists()
    assert data.clips()[0].file_state == "whole"
