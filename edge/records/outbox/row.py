"""The tables of the outbox: the deliveries, and the manifest of each."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from edge.records.base import Base


class DeliveryRow(Base):
    """One report of one exam for one peer of `hospital.yaml`. `state` is waiting, sending, sent, confirmed, refused or cancelled.

    `next_at`: when it is tried next, null where nothing is tried by itself. `answer` is the last answer in the peer's own words with its
    `status`; `receipt` is the answer that confirmed it. `ended_by` is who cancelled it.
    """

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("exam_id", "report", "peer"), Index("delivery_by_state", "state", "id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    exam_id: Mapped[str] = mapped_column(ForeignKey("exam.id"), index=True)
    report: Mapped[int]
    peer: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    queued_at: Mapped[datetime]
    queued_by: Mapped[str]
    next_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    answer: Mapped[str]
    status: Mapped[str]
    receipt: Mapped[str]
    sent_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class DeliveredObjectRow(Base):
    """One object of a delivery, by its DICOM UID. `state` is waiting, sent, confirmed or refused; missing where it could not be made.

    `warned`: the peer took it with a warning, which `answer` states. `answer` of a missing one is why.
    """

    __tablename__ = "delivered_object"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    uid: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    sop_class: Mapped[str]
    kind: Mapped[str]
    zone: Mapped[str]
    state: Mapped[str]
    warned: Mapped[bool]
    answer: Mapped[str]
    status: Mapped[str]
    answered_at: Mapped[datetime | None]
