"""The table of wrong PINs, by operator and place: who guesses at one place locks nobody out at another."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from edge.records.base import Base


class FailureRow(Base):
    """Wrong PINs of one operator in a row, from one `place` (`edge.people.place`); `at` is the time of the last one."""

    __tablename__ = "failure"

    operator_id: Mapped[str] = mapped_column(ForeignKey("operator.id"), primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    at: Mapped[datetime]
    wait_until: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
