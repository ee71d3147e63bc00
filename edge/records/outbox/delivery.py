"""A delivery as recorded, its objects, and the words of their states."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.records.errors import RecordStale

WAITING: Final = "waiting"
SENDING: Final = "sending"
SENT: Final = "sent"
CONFIRMED: Final = "confirmed"
REFUSED: Final = "refused"
CANCELLED: Final = "cancelled"
STATES: Final = (WAITING, SENDING, SENT, CONFIRMED, REFUSED, CANCELLED)
MISSING: Final = "missing"
"""The state of an object that could not be made."""

OPEN = (WAITING, SENDING, REFUSED)
"""While a report of an exam is in one of these states, a later report of the same exam waits for it at the same peer."""
CANCELLABLE = OPEN
"""What a peer took cannot be taken back."""
RETRIED = (WAITING, REFUSED, CANCELLED)
"""Those that a person can send again, at once."""


class DeliveryStale(RecordStale):
    """The state of the delivery does not admit this."""

    code = "delivery-stale"


@dataclass(frozen=True, slots=True)
class Delivery:
    """See `DeliveryRow`. `taken` of its `objects` are with the peer, `confirmed_objects` were confirmed; 0 before they were made.

    `missing` more could not be made, or not in full.
    """

    id: str
    exam_id: str
    report: int
    peer: str
    state: str
    attempts: int
    queued_at: datetime
    queued_by: str
    next_at: datetime | None
    tried_at: datetime | None
    answer: str
    status: str
    receipt: str
    sent_at: datetime | None
    confirmed_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    objects: int
    missing: int
    taken: int
    confirmed_objects: int
    warned: int


@dataclass(frozen=True, slots=True)
class NewObject:
    """An object that was made for a delivery; `zone` is empty where it is of the whole exam. `missing`: why it could not be made."""

    uid: str
    sop_class: str
    kind: str
    zone: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class DeliveredObject:
    """See `DeliveredObjectRow`."""

    delivery_id: str
    uid: str
    position: int
    sop_class: str
    kind: str
    zone: str
    state: str
    warned: bool
    answer: str
    status: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ObjectAnswer:
    """What a peer answered on an object, which has the state `state` from then on."""

    state: str
    answer: str
    status: str
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """The end of one try: the delivery has the state `state`, and is tried again after `wait_s` seconds, None: not by itself.

    `releases`: the peer has everything, so that the recordings of the exam are allowed to make room.
    """

    state: str
    answer: str = ""
    status: str = ""
    wait_s: float | None = None
    releases: bool = False


def require_state(state: str, admitted: Collection[str]) -> None:
    """Raises DeliveryStale: the state is none of those."""
    if state not in admitted:
        raise DeliveryStale("The delivery is {state} now", "Look at it again", says="delivery_state", state=state)
