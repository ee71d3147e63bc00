"""The table of answers to requests with an idempotency key."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from edge.records.base import Base


class AnswerRow(Base):
    """The answer to a POST with an idempotency key: the same request gets it again, and nothing is done twice.

    A `status` of 0: the request began, and its end was never recorded.
    """

    __tablename__ = "answer"

    key: Mapped[str] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(primary_key=True)
    request_digest: Mapped[str]
    status: Mapped[int]
    body: Mapped[str]
    etag: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
