"""Every migration only adds to the tables of the oldest program that it names, and a change that does more than add is found."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from additive import taken_away, upgraded
from alembic.config import Config
from alembic.script import ScriptDirectory

from edge.records.revision import KNOWN, MIGRATIONS


@pytest.fixture(scope="session")
def oldest_of():
    """By revision, the oldest revision whose program can serve its tables."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return {script.revision: script.module.oldest for script in ScriptDirectory.from_config(config).walk_revisions()}


@pytest.mark.parametrize("revision", sorted(KNOWN))
def test_a_migration_only_adds_to_what_the_oldest_program_that_it_names_works_with(tmp_path, oldest_of, revision):
    before = upgraded(tmp_path / "before.sqlite", oldest_of[revision])
    assert taken_away(before, upgraded(tmp_path / "after.sqlite", revision)) == []


NOTICE_AGAIN = """DROP TABLE notice;
CREATE TABLE notice (id TEXT NOT NULL PRIMARY KEY, code TEXT NOT NULL, what TEXT NOT NULL, fix TEXT NOT NULL, at BIGINT NOT NULL, """
REFUSED = {
    "a table that is gone": ("DROP TABLE notice", "table notice is gone"),
    "a table of another name": ("ALTER TABLE notice RENAME TO note", "table notice is gone"),
    "a column that is gone": ("ALTER TABLE notice DROP COLUMN fix", "notice: column fix is gone"),
    "a column of another name": ("ALTER TABLE notice RENAME COLUMN fix TO mend", "notice: column fix is gone"),
    "a new column that needs a value": (
        NOTICE_AGAIN + "seen_at BIGINT, seen_by TEXT, who TEXT NOT NULL)",
        "notice: column who is new and needs a value",
    ),
    "a column that may no longer be empty": (
        NOTICE_AGAIN + "seen_at BIGINT NOT NULL, seen_by TEXT)",
        "notice: column seen_at was ('BIGINT', True, None) and is ('BIGINT', False, None)",
    ),
    "a value that may stand once only": ("CREATE UNIQUE INDEX once ON notice (code)", "notice: unique ['code'] is new"),
    "a reference that must hold": (
        "ALTER TABLE notice ADD COLUMN exam TEXT REFERENCES exam (id)",
        "notice: foreign key ['exam'] to exam is new",
    ),
    "a condition that must hold": ("ALTER TABLE notice ADD COLUMN n INTEGER CHECK (n > 0)", "notice: check n > 0 is new"),
    "a trigger": ("CREATE TRIGGER no BEFORE INSERT ON notice BEGIN SELECT RAISE(ABORT, 'no'); END", "trigger no is new"),
}
ADMITTED = {
    "a new table": "CREATE TABLE more (id TEXT NOT NULL PRIMARY KEY, exam TEXT NOT NULL REFERENCES exam (id))",
    "a new column that may be empty": "ALTER TABLE notice ADD COLUMN who TEXT",
    "a new column with a value of its own": "ALTER TABLE notice ADD COLUMN who TEXT NOT NULL DEFAULT ''",
    "an index": "CREATE INDEX faster ON notice (code)",
}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return upgraded(tmp_path_factory.mktemp("first") / "first.sqlite", "0001")


def changed(first, path, statements):
    shutil.copy(first, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)
    return path


@pytest.mark.parametrize("name", REFUSED)
def test_what_an_older_program_could_not_serve_is_found(first, tmp_path, name):
    statements, fault = REFUSED[name]
    assert fault in taken_away(first, changed(first, tmp_path / "changed.sqlite", statements))


@pytest.mark.parametrize("name", ADMITTED)
def test_what_is_only_added_is_admitted(first, tmp_path, name):
    assert taken_away(first, changed(first, tmp_path / "changed.sqlite", ADMITTED[name])) == []
