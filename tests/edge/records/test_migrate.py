"""The migrations make the very tables that the program expects."""

import sqlite3
from contextlib import closing

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from edge.records.schema import Base
from edge.records.store import Store


def test_the_migrations_make_what_the_schema_says(tmp_path):
    store = Store.open(tmp_path)
    with store._reading.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    store.close()


def test_revision_0002_only_adds_columns_that_may_be_null(tmp_path):
    """A program of revision 0001 names every column that it writes, and none of these."""
    store = Store.open(tmp_path)
    store.close()
    added = {"exam": {"facts", "zone_states"}, "clip": {"assessment"}}
    with closing(sqlite3.connect(store.path)) as database:
        for table, names in added.items():
            required = {row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[3] or row[4] is not None}
            assert not names & required
