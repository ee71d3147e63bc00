"""Records whose files are gone: no write is answered as recorded, nothing begins in their place, and they count again when put back."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from edge.exam.stored import StoredExams
from edge.records.audit.heads import Heads
from edge.records.backup.backups import make_backup
from edge.records.errors import RecordsFull, RecordsGone
from edge.records.schema import AuditRow
from firmware_bridge.errors import SonoEdgeError


def change(store):
    with store.write() as change:
        change.log("tester", "x.done", "x")


def entries(store):
    with store.read() as session:
        return session.query(AuditRow).count()


def move(folder):
    folder.rename(folder.with_name("elsewhere"))


def replace(folder):
    move(folder)
    shutil.copytree(folder.with_name("elsewhere"), folder)


LOSSES = {
    "folder removed": shutil.rmtree,
    "folder moved": move,
    "folder replaced by a copy": replace,
    "exams removed": lambda folder: shutil.rmtree(folder / "exams"),
    "database removed": lambda folder: (folder / "records.sqlite").unlink(),
    "log removed": lambda folder: (folder / "records.sqlite-wal").unlink(),
    "index removed": lambda folder: (folder / "records.sqlite-shm").unlink(),
    "database replaced": lambda folder: shutil.copy(folder / "records.sqlite", folder / "x").replace(folder / "records.sqlite"),
}


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_no_write_is_answered_once_the_files_are_gone(data, lose):
    change(data.store)
    assert entries(data.store) == 1
    assert data.store.refusal is None
    lose(data.folder)
    before = sorted(data.folder.rglob("*")) if data.folder.exists() else None
    for _ in range(3):
        with pytest.raises(RecordsGone, match="removed, moved, replaced or unmounted"):
            change(data.store)
    assert data.store.refusal.code == "records-gone"
    assert (sorted(data.folder.rglob("*")) if data.folder.exists() else None) == before
    assert entries(data.store) == 1  # what is open can still be read


def test_a_folder_that_vanishes_while_a_change_is_written_is_noticed(data):
    def change_and_move():
        with data.store.write() as change:
            change.log("tester", "x.done", "x")
            move(data.folder)

    with pytest.raises(RecordsGone):
        change_and_move()
    data.folder.with_name("elsewhere").rename(data.folder)
    assert entries(data.store) == 0


def test_a_folder_that_was_put_back_takes_writes_again(data):
    change(data.store)
    move(data.folder)
    with pytest.raises(RecordsGone):
        change(data.store)
    data.folder.with_name("elsewhere").rename(data.folder)
    change(data.store)
    assert data.store.refusal is None
    with closing(sqlite3.connect(data.folder / "records.sqlite")) as connection, connection:
        assert connection.execute("SELECT count(*) FROM audit").fetchone() == (2,)


@pytest.mark.parametrize(
    "begin",
    [
        lambda data: StoredExams(data.store, data.folder / "exams").new_folder("blue-6"),
        lambda data: Heads(data.folder).append(data.store),
        lambda data: make_backup(data.store, data.folder / "backups"),
    ],
    ids=["exam", "head", "backup"],
)
def test_nothing_begins_a_second_folder_where_the_first_was(data, begin):
    change(data.store)
    shutil.rmtree(data.folder)
    with pytest.raises(SonoEdgeError):
        begin(data)
    assert not data.folder.exists()


def test_no_backup_of_other_records_is_made(data, tmp_path):
    change(data.store)
    replace(data.folder)
    (tmp_path / "stick").mkdir()
    with pytest.raises(RecordsGone):
        make_backup(data.store, tmp_path / "stick")
    assert list((tmp_path / "stick").iterdir()) == []


def test_a_refused_write_is_remembered_until_one_succeeds(data, monkeypatch):
    def full(*_):
        raise RecordsFull("database or disk is full", "Free some room")

    monkeypatch.setattr(type(data.store.seal), "sign", full)
    with pytest.raises(RecordsFull):
        change(data.store)
    assert data.store.refusal.what == "database or disk is full"
    monkeypatch.undo()
    change(data.store)
    assert data.store.refusal is None
