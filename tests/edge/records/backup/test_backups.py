"""Backups: whole, of one state whatever is written in the meantime, checked before they count, and thinned out."""

import json
import sqlite3
import threading
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest

from edge.records.audit.heads import Heads
from edge.records.backup.backups import make_backup, restore_keys, thin_out, verify
from edge.records.backup.description import Backup, backups_in
from edge.records.errors import BackupFailed, BackupUnusable


def test_a_backup_holds_every_acknowledged_change_and_names_its_state(data, tmp_path):
    exam = data.exam()
    data.clip(exam)
    backup = make_backup(data.store, tmp_path / "stick")
    newest = data.store.newest()
    assert (backup.seq, backup.hash) == (newest.seq, newest.hash)
    verify(tmp_path / "stick", backup, data.store.seal.public)
    with closing(sqlite3.connect(tmp_path / "stick" / backup.file)) as copy, copy:
        assert copy.execute("SELECT id, folder FROM exam").fetchall() == [(exam.id, "e1")]
    assert backups_in(tmp_path / "stick") == (backup,)


def test_it_is_one_file_and_nothing_unfinished_is_left(data, tmp_path):
    make_backup(data.store, tmp_path / "stick")
    assert {path.suffix for path in (tmp_path / "stick").iterdir()} == {".sqlite", ".json"}


def test_writes_during_a_backup_neither_spoil_nor_delay_it(data, tmp_path):
    written = []

    def write():
        with data.store.write() as change:
            written.append(change.log("tester", "thing.done", "thing", {"filler": "x" * 2000}).seq)

    def write_elsewhere(_done, _of):
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(60)

    made = [make_backup(data.store, tmp_path / "stick", write_elsewhere) for _ in range(3)]
    assert len(written) >= len(made)
    assert [backup.seq for backup in made] == sorted(backup.seq for backup in made)
    assert written[-1] > made[0].seq
    for backup in backups_in(tmp_path / "stick"):
        verify(tmp_path / "stick", backup)


def test_its_progress_is_reported_to_the_end(data, tmp_path):
    reported = []
    make_backup(data.store, tmp_path / "stick", lambda done, of: reported.append((done, of)))
    assert reported
    assert reported[-1][0] == reported[-1][1] > 0


@pytest.mark.parametrize("place", [0, 5000, -1])
def test_a_backup_with_one_bit_flipped_is_refused(data, tmp_path, place):
    data.exam()
    backup = make_backup(data.store, tmp_path / "stick")
    path = tmp_path / "stick" / backup.file
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(BackupUnusable, match="has changed since it was made"):
        verify(tmp_path / "stick", backup)


def test_a_backup_signed_by_another_key_is_refused_where_ours_is_required(data, tmp_path):
    backup = make_backup(data.store, tmp_path / "stick")
    data.exam()
    backup = make_backup(data.store, tmp_path / "stick")
    other = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAyBdVxNCqWfviEJTV9ldIvCe8l/ER57SJ5AyOFJmluP4=\n-----END PUBLIC KEY-----\n"
    verify(tmp_path / "stick", backup)
    with pytest.raises(BackupUnusable, match="not signed by this appliance"):
        verify(tmp_path / "stick", backup, other)


def test_a_damaged_database_gives_no_backup_and_the_ones_before_stay(data, tmp_path):
    data.exam()
    before = make_backup(data.store, tmp_path / "stick")
    with data.store._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE audit SET body = replace(body, 'blue-6', 'blue-7') WHERE seq = 1")
    with pytest.raises(BackupFailed, match="damaged"):
        make_backup(data.store, tmp_path / "stick")
    assert backups_in(tmp_path / "stick") == (before,)
    assert not list((tmp_path / "stick").glob("*.part"))


def test_a_folder_that_is_not_there_is_not_made_on_another_disk(data, tmp_path):
    with pytest.raises(BackupFailed, match="No such file"):
        make_backup(data.store, tmp_path / "unplugged" / "stick")


def stand_in(folder, at, name):
    (folder / f"records-{name}.sqlite").write_bytes(b"x")
    description = Backup(file=f"records-{name}.sqlite", number=int(name), at=at, seq=1, hash="h", sha256="s", bytes=1, public="p")
    (folder / f"records-{name}.json").write_text(description.model_dump_json())
    return description


def test_the_newest_three_and_one_of_each_of_the_last_seven_days_stay(tmp_path):
    noon = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
    all_of_them = [stand_in(tmp_path, noon - timedelta(hours=6 * each), f"{99 - each:02}") for each in range(50)]
    (tmp_path / "records-torn.part").write_bytes(b"x")
    (tmp_path / "records-torn.sqlite").write_bytes(b"x")
    (tmp_path / "other").write_bytes(b"x")
    thin_out(tmp_path)
    left = backups_in(tmp_path)
    assert left[:3] == tuple(all_of_them[:3])
    assert len({backup.at.date() for backup in left}) == 7
    assert {path.stem for path in tmp_path.glob("*.sqlite")} == {path.stem for path in tmp_path.glob("*.json")}
    assert (tmp_path / "other").exists()
    assert not (tmp_path / "records-torn.part").exists()


def test_a_description_that_cannot_be_read_is_skipped(tmp_path):
    (tmp_path / "records-a.json").write_text("{")
    (tmp_path / "records-b.json").write_text(json.dumps({"file": "x"}))
    assert backups_in(tmp_path) == ()


def test_signed_heads_are_copied_but_the_key_never_leaves_the_data_folder(data, tmp_path):
    data.exam()
    Heads(data.folder).append(data.store)
    make_backup(data.store, tmp_path / "stick")
    make_backup(data.store, data.folder / "backups")
    assert (tmp_path / "stick" / "audit_heads.jsonl").read_bytes() == (data.folder / "audit_heads.jsonl").read_bytes()
    assert not (tmp_path / "stick" / "audit_key.pem").exists()
    assert (data.folder / "backups" / "audit_key.pem").stat().st_mode & 0o077 == 0


def test_a_lost_key_comes_back_from_the_backups(data):
    data.exam()
    make_backup(data.store, data.folder / "backups")
    key = (data.folder / "audit_key.pem").read_bytes()
    (data.folder / "audit_key.pem").unlink()
    restore_keys(data.folder)
    assert (data.folder / "audit_key.pem").read_bytes() == key


def test_after_a_corrected_clock_the_newest_backup_is_still_the_last_one_made(tmp_path):
    wrong, right = datetime(2099, 1, 1, tzinfo=timezone.utc), datetime(2026, 11, 25, tzinfo=timezone.utc)
    made = [stand_in(tmp_path, wrong, "1"), stand_in(tmp_path, wrong, "2"), stand_in(tmp_path, wrong, "3"), stand_in(tmp_path, right, "4")]
    thin_out(tmp_path)
    assert backups_in(tmp_path)[0] == made[-1]
