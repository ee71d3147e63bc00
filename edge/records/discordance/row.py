"""The table of the closed differences."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from edge.records.base import Base


class ClosingRow(Base):
    """A person closed the difference of a `finding` in a `zone` of an exam, empty for the exam as a whole, by its root `cause`.

    `answers` are those of that time: who stated what. Rows are only added; a closing that was wrong is withdrawn, with the reason in `why`.
    """

    __tablename__ = "closing"

    id: Mapped[str] = mapped_column(primary_key=True)
    exam_id: Mapped[str] = mapped_column(ForeignKey("exam.id"), index=True)
    zone: Mapped[str]
    finding: Mapped[str]
    cause: Mapped[str]
    note: Mapped[str]
    answers: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    why: Mapped[str]
