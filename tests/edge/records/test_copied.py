"""Records on a disk that takes no writes: read to the last change, never written, and nothing is left in memory."""

import errno
import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from edge.disk import durable
from edge.records import copied
from edge.records.copied import CopiedRecords
from edge.records.errors import RecordsFull
from edge.records.notices import Notices
from edge.records.opening import open_readable, open_records
from edge.records.people.sessions import Sessions
from edge.records.schema import AuditRow

FULL = RecordsFull("the disk is full", "Free some room")


def change(store, act="x.done"):
    with store.write() as change:
        change.log("tester", act, "x")


def acts(store):
    with store.read() as session:
        return [row.body for row in session.query(AuditRow).order_by(AuditRow.seq)]


@pytest.fixture
def killed(data, tmp_path):
    """The folder of an appliance that was killed: its newest changes are in the log only."""
    change(data.store)
    change(data.store, "newest.done")
    return shutil.copytree(data.folder, tmp_path / "killed")


@pytest.fixture
def memory(tmp_path, monkeypatch):
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr(copied, "MEMORY", folder)
    return folder


def state(folder):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_newest_change_is_read_and_neither_the_disk_nor_the_memory_keeps_a_trace(killed, memory):
    before = state(killed)
    with closing(CopiedRecords(killed, FULL)) as store:
        assert "newest.done" in acts(store)[-1]
        assert store.path == killed / "records.sqlite"
        assert store.refusal is FULL
    assert state(killed) == before
    assert list(memory.iterdir()) == []


def test_every_change_is_refused_with_the_cause_except_a_session(killed, memory):
    with closing(CopiedRecords(killed, FULL)) as store:
        with pytest.raises(RecordsFull, match="the disk is full"):
            change(store)
        with pytest.raises(RecordsFull, match="the disk is full"):
            Notices(store).add("x", "something happened", "look")
        with store.write(passing=True) as passing:
            passing.log("Abeba", "session.begun", "session/1")
        assert store.refusal is FULL
        with pytest.raises(RecordsFull):
            Sessions(store).break_glass("token", "why", "192.0.2.1", replaces=lambda _: False)


def test_a_folder_without_records_can_be_shown_too(tmp_path, memory):
    (tmp_path / "new").mkdir()
    with closing(CopiedRecords(tmp_path / "new", FULL)) as store:
        assert acts(store) == []
    assert list((tmp_path / "new").iterdir()) == []


def test_without_room_in_memory_the_first_cause_is_reported(killed, monkeypatch):
    monkeypatch.setattr(copied, "free_bytes", lambda _: 1000)
    with pytest.raises(RecordsFull, match="the disk is full"):
        CopiedRecords(killed, FULL)


@pytest.fixture
def full_disk(monkeypatch):
    """No file can be made or grow."""

    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(durable.os, "fsync", refuse)


def test_records_open_to_be_read_where_the_disk_is_full_and_to_be_written_where_it_is_not(killed, full_disk, memory, monkeypatch):
    with closing(open_readable(killed)) as store:
        assert isinstance(store, CopiedRecords)
        assert "newest.done" in acts(store)[-1]
    monkeypatch.undo()
    with closing(open_readable(killed)) as store:
        change(store)


def test_a_folder_that_this_user_may_not_write_is_a_wrong_setting_and_no_full_disk(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setattr("edge.records.opening.Use", lambda _: (_ for _ in ()).throw(FULL))
    monkeypatch.setattr("edge.records.opening.takes_records", lambda _: False)
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(RecordsFull):
        open_readable(tmp_path / "data")
    with pytest.raises(RecordsFull):
        open_readable(tmp_path / "absent")


def test_an_error_of_sqlite_at_the_start_is_one_of_the_records(killed, monkeypatch):
    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("edge.records.opening._settle", full)
    with pytest.raises(RecordsFull, match="disk is full"):
        open_records(killed)


def test_records_that_fail_to_open_for_another_reason_than_the_disk_are_not_shown_as_a_copy(killed, monkeypatch):
    monkeypatch.setattr("edge.records.opening.Use", lambda _: (_ for _ in ()).throw(FULL))
    with pytest.raises(RecordsFull):
        open_readable(killed)
