"""The table of the ledger of model changes."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from edge.records.base import Base


class ModelChangeRow(Base):
    """One entry of the ledger. Rows are only added: a newer one of the same files of a release supersedes this one.

    `release_sha256` is the digest of the release's manifest, `body` the entry as JSON, whose digest is in the audit entry `audit_seq`.
    """

    __tablename__ = "model_change"

    id: Mapped[str] = mapped_column(primary_key=True)
    release: Mapped[str] = mapped_column(index=True)
    release_sha256: Mapped[str]
    body: Mapped[str]
    audit_seq: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str]
    supersedes: Mapped[str | None] = mapped_column(unique=True)
