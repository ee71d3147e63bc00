"""Records that a newer program has written: they are used where it only added to them, and left as they are where not."""

import sqlite3
from contextlib import closing

import pytest

from edge.records.backup.backups import make_backup
from edge.records.errors import RecordsUnusable
from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.records.schema import ExamRow
from edge.records.sum import write_sum


def test_records_of_a_newer_program_stay_unchanged(data):
    data.exam("before")
    make_backup(data.store, data.folder / "backups")
    data.close()
    with closing(sqlite3.connect(data.database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    (data.folder / "records.sum").unlink()
    with pytest.raises(RecordsUnusable, match="9999"):
        open_records(data.folder)
    assert not (data.folder / "quarantine").exists()


def newer(data, *, floor=None):
    """A future program migrated the records and closed them in good order."""
    data.close()
    with closing(sqlite3.connect(data.database)) as connection, connection:
        connection.execute("UPDATE schema_revision SET version_num = '9999'")
        if floor:
            connection.execute("UPDATE alembic_version SET version_num = ?", (floor,))
    write_sum(data.folder)


def test_records_with_additions_of_a_newer_program_are_used_with_one_notice_seen_or_not(data):
    data.exam("before")
    newer(data)
    store = data.open()
    (notice,) = Notices(store).unseen()
    assert (notice.code, store.revision.reached, store.revision.newer) == ("records-newer", "9999", True)
    assert "revision 9999" in notice.what
    Notices(store).seen(notice.id, "tester")
    data.exam("after")
    assert Notices(data.open()).unseen() == ()
    assert [exam.folder for exam in data.rows(ExamRow)] == ["before", "after"]


def test_records_that_need_a_newer_program_are_refused_before_any_file_is_changed(data):
    data.exam("before")
    make_backup(data.store, data.folder / "backups")
    newer(data, floor="9999")
    before = {path: path.read_bytes() for path in data.folder.rglob("*") if path.is_file()}
    with pytest.raises(RecordsUnusable, match=r"9999.*Install the program that wrote them"):
        open_records(data.folder)
    assert {path: path.read_bytes() for path in data.folder.rglob("*") if path.is_file()} == before
