"""Wrong PINs by operator and place, and the emergency session in which an exam began.

Only adds: the columns of the operator still hold the sum of the wrong PINs, for people and for older programs.
"""

import sqlalchemy as sa
from alembic import op

from edge.records.columns import Moment

revision = "0003"
down_revision = "0002"
oldest = "0001"
"""The oldest program, by its revision, that can still serve these tables."""


def upgrade() -> None:
    op.create_table(
        "failure",
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("wait_until", Moment(), nullable=True),
        sa.Column("locked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"]),
        sa.PrimaryKeyConstraint("operator_id", "place"),
    )
    op.add_column("exam", sa.Column("session_id", sa.Text(), nullable=True))
