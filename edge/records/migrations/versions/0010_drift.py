"""The events of the drift watch. Only adds: an older program does not show them, and its model answers also where this one stopped it."""

import sqlalchemy as sa
from alembic import op

from edge.records.columns import Moment

revision = "0010"
down_revision = "0009"
oldest = "0001"
"""The oldest program, by its revision, that can still serve these tables."""


def upgrade() -> None:
    op.create_table(
        "drift",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("exam_id", sa.Text(), nullable=False),
        sa.Column("since_exam_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_drift_release", "drift", ["release"])
