"""Restoring a backup whose tables are older or newer than this program's."""

import sqlite3
from contextlib import closing

import pytest

from edge.disk.digest import digest_of
from edge.records.backup.backups import make_backup
from edge.records.backup.restore import Cause, restore
from edge.records.errors import RecordsUnusable
from edge.records.revision import NEWEST
from edge.records.schema import ExamRow

CAUSE = Cause("asked for", "technician")


@pytest.fixture
def backed_up(data, tmp_path):
    """A backup that holds one exam, changed by SQL statements; the records hold another exam as well."""

    def made(*statements):
        data.exam("in the backup")
        backup = make_backup(data.store, tmp_path / "stick")
        path = tmp_path / "stick" / backup.file
        with closing(sqlite3.connect(path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)
        data.exam("after it")
        data.close()
        return backup.model_copy(update={"sha256": digest_of(path)}).signed(data.store.seal)

    return made


def folders(data):
    data.open()
    return [exam.folder for exam in data.rows(ExamRow)]


def test_a_backup_of_a_program_that_recorded_only_the_floor_is_restored_and_updated(data, backed_up, tmp_path):
    restore(
        data.folder,
        tmp_path / "stick",
        backed_up("DROP TABLE schema_revision", f"UPDATE alembic_version SET version_num = '{NEWEST}'"),
        CAUSE,
    )
    assert folders(data) == ["in the backup"]
    assert data.store.revision.reached == NEWEST


def test_a_backup_with_additions_of_a_newer_program_is_restored_with_them(data, backed_up, tmp_path):
    backup = backed_up(
        "ALTER TABLE exam ADD COLUMN future TEXT", "UPDATE exam SET future = 'x'", "UPDATE schema_revision SET version_num = '9999'"
    )
    restore(data.folder, tmp_path / "stick", backup, CAUSE)
    assert folders(data) == ["in the backup"]
    with closing(sqlite3.connect(data.database)) as connection:
        assert connection.execute("SELECT future FROM exam").fetchall() == [("x",)]


def test_a_backup_that_needs_a_newer_program_is_refused_and_the_records_stay(data, backed_up, tmp_path):
    backup = backed_up("UPDATE schema_revision SET version_num = '9999'", "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RecordsUnusable, match="9999"):
        restore(data.folder, tmp_path / "stick", backup, CAUSE)
    assert folders(data) == ["in the backup", "after it"]
    assert not (data.folder / "quarantine").exists()
