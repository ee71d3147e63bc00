"""The migrations make the very tables that the program expects."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from edge.records.schema import Base
from edge.records.store import Store


def test_the_migrations_make_what_the_schema_says(tmp_path):
    store = Store.open(tmp_path)
    with store._reading.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    store.close()
