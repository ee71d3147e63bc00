"""The table of the outcomes."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from edge.records.base import Base


class OutcomeRow(Base):
    """What a `reference` of the day `on` (YYYY-MM-DD) states of a condition after an exam; `present` is null where it could not tell.

    Rows are only added; a wrong one is withdrawn, with the reason in `why`.
    """

    __tablename__ = "outcome"

    id: Mapped[str] = mapped_column(primary_key=True)
    exam_id: Mapped[str] = mapped_column(ForeignKey("exam.id"), index=True)
    condition: Mapped[str]
    present: Mapped[bool | None]
    reference: Mapped[str]
    on: Mapped[str]
    note: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    why: Mapped[str]
