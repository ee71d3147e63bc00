"""The migrations make exactly the tables that the program works with, and state which programs can serve them."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from edge.records import migrate as migrating
from edge.records import revision as knowing
from edge.records.database import engine
from edge.records.migrate import migrate
from edge.records.revision import FLOOR, KNOWN, MIGRATIONS, NEWEST, REACHED, Revision, revision_of
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


def shape(path):
    """Everything that SQLite knows of the tables, but neither the order of the columns nor the text of the statements."""
    with closing(sqlite3.connect(path)) as connection:
        ask = lambda pragma, name: sorted(map(repr, connection.execute(f"PRAGMA {pragma}({name})")))  # noqa: E731
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {t: sorted(repr(row[1:]) for row in connection.execute(f"PRAGMA table_xinfo({t})")) for t in tables}
        keys = {t: [key.split(", ", 2)[2] for key in ask("foreign_key_list", t)] for t in tables}
        indexes = {}
        for t in tables:
            for _, name, unique, origin, partial in connection.execute(f"PRAGMA index_list({t})"):
                where = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
                on = tuple(row[2] for row in connection.execute(f"PRAGMA index_info({name})"))
                indexes[t, name if where else "", on] = unique, origin, partial, where
        return columns, {t: sorted(each) for t, each in keys.items()}, indexes


def test_a_new_database_has_exactly_the_tables_that_the_migrations_make(path, tmp_path):
    assert shape(path) == shape(grown(tmp_path))


def test_the_migrations_make_the_tables_of_the_schema(tmp_path):
    made = engine(grown(tmp_path), writes=False)
    options = {"version_table": REACHED, "include_name": lambda name, kind, _: (name, kind) != (FLOOR, "table")}
    with made.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []
    made.dispose()


def test_each_file_is_named_for_its_revision_and_they_make_one_line(scripts):
    assert {script.revision for script in scripts} == KNOWN
    assert [script.down_revision for script in scripts] == [None, *(script.revision for script in scripts[:-1])]
    assert [script.revision for script in scripts] == sorted(KNOWN)


def test_the_oldest_program_of_each_migration_is_known_and_never_goes_back(scripts):
    named = [script.module.oldest for script in scripts]
    assert named == sorted(named)
    assert all(oldest in KNOWN and oldest <= script.revision for oldest, script in zip(named, scripts, strict=True))


def test_a_new_database_has_the_floor_of_the_newest_migration(path, scripts):
    assert (revision(path).floor, revision(path).reached) == (scripts[-1].module.oldest, NEWEST)


@pytest.mark.parametrize("old", sorted(KNOWN))
def test_tables_of_each_released_revision_are_brought_up_to_date(tmp_path, scripts, old):
    path = first_tables(tmp_path / "records.sqlite", old)
    assert revision(path) == Revision(old, old)
    now = migrated(path)
    assert (now.reached, now.is_complete, now.newer) == (NEWEST, True, False)
    assert now == revision(path)


def grown(tmp_path):
    """The newest tables, made from those of the first program by each migration."""
    path = first_tables(tmp_path / "grown.sqlite", min(KNOWN))
    migrated(path)
    return path


def first_tables(path, old):
    """As programs before revision 0002 recorded it: in one table of Alembic's own."""
    made = engine(path, writes=True)
    with made.begin() as connection:
        config = Config(attributes={"connection": connection, "version_table": FLOOR})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.upgrade(config, old)
    made.dispose()
    return path


@pytest.fixture
def to_come(tmp_path, monkeypatch):
    """This program with one more migration, 9998, which only adds; `fault` is raised in the middle of it."""

    def made(fault=""):
        shutil.copytree(MIGRATIONS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
        script = f'from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = "9998", "{NEWEST}"\noldest = "0001"\n'
        script += 'def upgrade():\n    op.add_column("notice", sa.Column("more", sa.Text()))\n'
        (tmp_path / "migrations" / "versions" / "9998_more.py").write_text(script + f"    {fault}\n")
        monkeypatch.setattr(migrating, "MIGRATIONS", tmp_path / "migrations")
        for module in (migrating, knowing):
            monkeypatch.setattr(module, "NEWEST", "9998")
        monkeypatch.setattr(knowing, "KNOWN", KNOWN | {"9998"})

    return made


@pytest.mark.parametrize("old", sorted(KNOWN))
def test_a_migration_that_only_adds_leaves_the_floor_to_the_previous_program(tmp_path, to_come, old):
    path = first_tables(tmp_path / "records.sqlite", old)
    to_come()
    assert migrated(path) == Revision("0001", "9998")
    run(path, "INSERT INTO notice (id, code, what, fix, at, more) VALUES ('n', '', '', '', 0, 'x')")


def test_the_previous_program_works_with_it_and_changes_nothing(path):
    run(path, "ALTER TABLE notice ADD COLUMN more TEXT", f"UPDATE {REACHED} SET version_num = '9998'")
    found = migrated(path)
    assert (found, found.newer, found.is_complete) == (Revision(found.floor, "9998"), True, True)
    with closing(sqlite3.connect(path)) as connection:
        assert "more" in [row[1] for row in connection.execute("PRAGMA table_info(notice)")]


def test_an_interrupted_migration_leaves_the_records_of_the_previous_program(tmp_path, to_come):
    path = first_tables(tmp_path / "records.sqlite", "0001")
    run(path, "INSERT INTO notice (id, code, what, fix, at) VALUES ('n', '', '', '', 0)")
    to_come("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        migrated(path)
    assert revision(path) == Revision("0001", "0001")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM notice").fetchall() == [("n", "", "", "", 0, None, None)]
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (REACHED,)).fetchone() is None


def test_a_migration_that_fails_half_way_leaves_the_tables_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr(migrating, "_state", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Store.open(tmp_path)
    with closing(sqlite3.connect(tmp_path / "records.sqlite")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_tables_that_are_up_to_date_are_not_written(path):
    before = path.read_bytes()
    migrated(path)
    assert path.read_bytes() == before
