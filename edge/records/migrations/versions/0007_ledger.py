"""The ledger of model changes. Only adds: an older program changes the release without it."""

import sqlalchemy as sa
from alembic import op

from edge.records.columns import Moment

revision = "0007"
down_revision = "0006"
oldest = "0001"
"""The oldest program, by its revision, that can still serve these tables."""


def upgrade() -> None:
    op.create_table(
        "model_change",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("release_sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("audit_seq", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("supersedes", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("supersedes"),
    )
    op.create_index("ix_model_change_release", "model_change", ["release"])
