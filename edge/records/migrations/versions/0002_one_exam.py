"""One exam: the text of each protocol, the facts without a column of their own, zone states, and the assessment of each clip.

Only adds. Rows of revision 0001 have null in the new columns: `edge.records.exams.zones_v1` reads such rows, and rows that a program of
revision 0001 changed afterwards.
"""

import sqlalchemy as sa
from alembic import op

from edge.records.columns import Moment

revision = "0002"
down_revision = "0001"
oldest = "0001"
"""The oldest program, by its revision, that can still serve these tables."""


def upgrade() -> None:
    op.create_table(
        "protocol_text",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stored_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.add_column("exam", sa.Column("facts", sa.JSON(), nullable=True))
    op.add_column("exam", sa.Column("zone_states", sa.JSON(), nullable=True))
    op.add_column("clip", sa.Column("assessment", sa.JSON(), nullable=True))
