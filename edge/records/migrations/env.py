"""Alembic's entry point: it runs on the connection of `edge.records.migrate`."""

from alembic import context

from edge.records.revision import FLOOR
from edge.records.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    include_name=lambda name, kind, _: (name, kind) != (FLOOR, "table"),
)
with context.begin_transaction():
    context.run_migrations()
