"""Opening: damage is noticed, damaged files are quarantined, the newest good backup replaces them, and a notice is added."""

import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from edge.records.backup.backups import make_backup
from edge.records.backup.description import backups_in
from edge.records.backup.restore import newest_good
from edge.records.errors import RecordsFull, RecordsUnusable
from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.records.schema import ExamRow


def flip(path, place, bit=0):
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)


def codes(store):
    return [notice.code for notice in Notices(store).unseen()]


def quarantined(data):
    return sorted(path.name for path in (data.folder / "quarantine").glob("*/records.sqlite*"))


def spoil(path):
    """Page 2 and the rest become noise."""
    content = bytearray(path.read_bytes())
    content[4096:] = random.Random(1).randbytes(len(content) - 4096)
    path.write_bytes(content)


def test_an_empty_folder_starts_without_a_notice(tmp_path):
    store = open_records(tmp_path / "new")
    assert codes(store) == []
    store.close()
    assert not (tmp_path / "new" / "quarantine").exists()


def test_a_damaged_database_is_quarantined_and_the_newest_good_backup_restored(data):
    data.exam("before")
    make_backup(data.store, data.folder / "backups")
    data.exam("after")
    data.close()
    spoil(data.database)
    damaged = data.database.read_bytes()
    store = data.open()
    (notice,) = Notices(store).unseen()
    assert notice.code == "records-restored"
    assert [exam.folder for exam in data.rows(ExamRow)] == ["before"]
    (stored,) = (data.folder / "quarantine").glob("*/records.sqlite")
    assert stored.read_bytes() == damaged


def test_the_notice_names_the_time_of_the_backup_and_what_is_known_to_be_lost(data):
    from edge.records.audit.heads import Heads

    data.exam("before")
    backup = make_backup(data.store, data.folder / "backups")
    for name in ("a", "b", "c"):
        data.exam(name)
    Heads(data.folder).append(data.store)
    data.close()
    spoil(data.database)
    (notice,) = Notices(data.open()).unseen()
    assert f"{backup.at:%Y-%m-%d %H:%M} UTC" in notice.what
    assert "at least 3 later entries" in notice.what


def test_a_damaged_backup_is_skipped_for_an_older_good_one(data):
    data.exam("first")
    make_backup(data.store, data.folder / "backups")
    data.exam("second")
    newer = make_backup(data.store, data.folder / "backups")
    flip(data.folder / "backups" / newer.file, 9000)
    data.close()
    spoil(data.database)
    data.open()
    assert [exam.folder for exam in data.rows(ExamRow)] == ["first"]


def test_without_a_good_backup_the_records_start_empty_with_a_notice_until_it_is_seen(data):
    data.exam()
    data.close()
    spoil(data.database)
    assert codes(data.open()) == ["records-begun-anew"]
    assert codes(data.open()) == ["records-begun-anew"]
    assert quarantined(data) == ["records.sqlite"]


def test_a_lost_database_is_not_replaced_silently(data):
    data.exam("before")
    make_backup(data.store, data.folder / "backups")
    data.close()
    data.database.unlink()
    assert codes(data.open()) == ["records-restored"]
    assert [exam.folder for exam in data.rows(ExamRow)] == ["before"]


def test_an_empty_file_in_its_place_is_not_taken_for_new_records(data):
    data.exam("before")
    make_backup(data.store, data.folder / "backups")
    data.close()
    data.database.write_bytes(b"")
    assert codes(data.open()) == ["records-restored"]


def test_the_log_of_a_damaged_database_goes_with_it(data):
    data.exam("before")
    make_backup(data.store, data.folder / "backups")
    data.close()
    spoil(data.database)
    for end in ("-wal", "-shm"):
        data.database.with_name("records.sqlite" + end).write_bytes(b"x" * 100)
    assert codes(data.open()) == ["records-restored"]
    assert quarantined(data) == ["records.sqlite", "records.sqlite-shm", "records.sqlite-wal"]


def test_the_trail_continues_after_a_restore_and_verifies(data):
    from edge.records.integrity import faults

    data.exam("before")
    make_backup(data.store, data.folder / "backups")
    data.close()
    spoil(data.database)
    data.open()
    data.exam("after")
    assert faults(data.database, data.store.seal.public, whole=True) == ()


def test_a_bit_flip_in_a_closed_database_costs_nothing_where_a_backup_is_as_recent(data):
    data.exam("before")
    make_backup(data.store, data.folder / "backups")
    data.close()
    flip(data.database, data.database.read_bytes().index(b"before"))
    assert codes(data.open()) == ["records-restored"]
    assert [exam.folder for exam in data.rows(ExamRow)] == ["before"]


def test_where_the_backup_is_older_records_with_one_flipped_bit_are_used_with_a_notice(data):
    make_backup(data.store, data.folder / "backups")
    data.exam("before")
    data.close()
    flip(data.database, data.database.read_bytes().index(b"record_version"))
    assert codes(data.open()) == ["records-changed"]
    assert len(data.rows(ExamRow)) == 1


def test_records_that_another_program_wrote_in_good_order_are_not_damaged(data):
    from edge.records.store import Store

    data.exam("before")
    data.close()
    other = Store.open(data.folder)
    with other.write() as change:
        change.log("shell", "thing.done", "thing")
    other.close()
    assert codes(data.open()) == []


def test_records_in_use_are_neither_checked_nor_replaced_by_another_opening(data):
    data.exam("before")
    second = open_records(data.folder)
    try:
        assert codes(second) == []
    finally:
        second.close()
    assert not (data.folder / "records.sum").exists()
    data.close()
    assert (data.folder / "records.sum").exists()


def test_the_signature_of_the_tip_is_checked(data):
    data.exam("before")
    make_backup(data.store, data.folder / "backups")
    data.close()
    with closing(sqlite3.connect(data.database)) as connection, connection:
        connection.execute("UPDATE audit_tip SET signature = 'AAAA'")
    (data.folder / "records.sum").unlink()
    assert codes(data.open()) == ["records-restored"]


def test_a_replaced_key_is_no_damage_but_nothing_is_written(data):
    data.exam("before")
    data.close()
    (data.folder / "audit_key.pem").unlink()
    store = data.open()
    assert [exam.folder for exam in data.rows(ExamRow)] == ["before"]
    with pytest.raises(RecordsUnusable, match="not signed by this appliance"), store.write() as change:
        change.log("tester", "thing.done", "thing")


def test_a_backup_of_another_appliance_is_restored_with_a_notice(data, tmp_path):
    from edge.records.backup.restore import Cause, restore

    data.exam("before")
    backup = make_backup(data.store, tmp_path)
    other = tmp_path / "other"
    restore(other, tmp_path, backup, Cause("a new board", "technician"))
    store = open_records(other)
    (notice,) = Notices(store).unseen()
    assert "signed by another key" in notice.what
    with store.write() as change:
        change.log("tester", "thing.done", "thing")
    store.close()


def test_records_of_a_killed_process_are_checked_at_the_next_start(data):
    data.close()
    child = "import sys,time; from pathlib import Path; from edge.records.opening import open_records\n"
    child += "open_records(Path(sys.argv[1])); print('open', flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", child, str(data.folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "open\n"
    process.kill()
    process.wait()
    process.stdout.close()
    spoil(data.database)
    assert codes(data.open()) == ["records-begun-anew"]


def test_a_disk_that_is_not_writable_is_reported(tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(RecordsFull, match="cannot be written"):
        open_records(tmp_path / "data")


def test_after_a_power_cut_in_a_restore_the_next_start_completes_it(data):
    """The damaged file is in the quarantine already, and nothing is in its place."""
    data.exam("before")
    make_backup(data.store, data.folder / "backups")
    data.close()
    (data.folder / "records.sqlite.new").write_bytes(b"half of it")
    (data.folder / "quarantine" / "a").mkdir(parents=True)
    shutil.move(data.database, data.folder / "quarantine" / "a" / "records.sqlite")
    assert codes(data.open()) == ["records-restored"]
    assert newest_good([data.folder / "backups"], data.store.seal.public)[1] == backups_in(data.folder / "backups")[0]


def test_a_changed_entry_after_a_power_cut_is_noticed_and_without_a_backup_nothing_is_discarded(data):
    data.exam("before")
    data.close()
    (data.folder / "records.sum").unlink()
    with closing(sqlite3.connect(data.database)) as connection, connection:
        connection.execute("UPDATE audit SET body = replace(body, 'nobody', 'nobodx')")
    (notice,) = Notices(data.open()).unseen()
    assert notice.code == "records-changed"
    assert "entry 1 of its audit trail was changed" in notice.what
    assert [exam.folder for exam in data.rows(ExamRow)] == ["before"]
