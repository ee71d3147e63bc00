"""The name of a patient exactly as a worklist scheduled it. Only adds: an older program sends the name that it shows."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
oldest = "0001"
"""The oldest program, by its revision, that can still serve these tables."""


def upgrade() -> None:
    op.add_column("patient", sa.Column("dicom_name", sa.Text(), nullable=True))
