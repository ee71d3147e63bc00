"""The migrations make the very tables that the program works with, and say which programs can serve them."""

import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from edge.records import migrate as migrating
from edge.records.database import engine
from edge.records.migrate import migrate
from edge.records.revision import FLOOR, KNOWN, MIGRATIONS, NEWEST, REACHED, revision_of
from edge.records.schema import Base
from edge.records.store import Store


@pytest.fixture
def scripts():
    """Every migration, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return list(ScriptDirectory.from_config(config).walk_revisions())[::-1]


@pytest.fixture
def path(tmp_path):
    """A database with the newest tables."""
    Store.open(tmp_path).close()
    return tmp_path / "records.sqlite"


def run(path, *statements):
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def revision(path):
    with closing(sqlite3.connect(path)) as connection:
        return revision_of(connection)


def migrated(path):
    made = engine(path, writes=True)
    try:
        return migrate(made)
    finally:
        made.dispose()


def test_the_migrations_make_what_the_schema_says(path):
    made = engine(path, writes=False)
    options = {"version_table": REACHED, "include_name": lambda name, kind, _: (name, kind) != (FLOOR, "table")}
    with made.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []
    made.dispose()


def test_each_file_is_named_for_its_revision_and_they_make_one_line(scripts):
    assert {script.revision for script in scripts} == KNOWN
    assert [script.down_revision for script in scripts] == [None, *(script.revision for script in scripts[:-1])]
    assert [script.revision for script in scripts] == sorted(KNOWN)


def test_the_oldest_program_that_a_migration_names_is_a_known_one_and_never_an_older_one_again(scripts):
    named = [script.module.oldest for script in scripts]
    assert named == sorted(named)
    assert all(oldest in KNOWN and oldest <= script.revision for oldest, script in zip(named, scripts, strict=True))


def test_a_new_database_has_the_floor_of_the_newest_migration(path, scripts):
    assert (revision(path).floor, revision(path).reached) == (scripts[-1].module.oldest, NEWEST)


def test_tables_of_a_program_that_recorded_no_more_than_the_floor_are_brought_up_to_date(path, scripts):
    run(path, f"DROP TABLE {REACHED}", f"UPDATE {FLOOR} SET version_num = '{NEWEST}'")
    assert revision(path).reached == NEWEST
    assert migrated(path).reached == NEWEST


def test_a_migration_that_fails_half_way_leaves_the_tables_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr(migrating, "_set_floor", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Store.open(tmp_path)
    with closing(sqlite3.connect(tmp_path / "records.sqlite")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_tables_that_are_up_to_date_are_not_written(path):
    before = path.read_bytes()
    migrated(path)
    assert path.read_bytes() == before
