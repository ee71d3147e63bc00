"""The settings that people changed while the appliance ran. Only adds: an older program uses what is stated before the start."""

import sqlalchemy as sa
from alembic import op

from edge.records.columns import Moment

revision = "0004"
down_revision = "0003"
oldest = "0001"
"""The oldest program, by its revision, that can still serve these tables."""


def upgrade() -> None:
    op.create_table(
        "setting",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
