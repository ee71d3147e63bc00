"""The table of the drift watch."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from edge.records.base import Base
from edge.records.columns import Json


class DriftRow(Base):
    """One event in the watch of a `release`; rows are only added, and the newest one holds.

    `act` is `stopped`, by the appliance, or a person's decision: `new-reference` or `watch-again`. `exam_id` is the exam at which the
    `verdict` was found, and `since_exam_id` the exam since which its strongest evidence rises: a new reference begins there.
    """

    __tablename__ = "drift"

    id: Mapped[str] = mapped_column(primary_key=True)
    release: Mapped[str] = mapped_column(index=True)
    act: Mapped[str]
    exam_id: Mapped[str]
    since_exam_id: Mapped[str]
    verdict: Mapped[Json]
    reason: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
