"""Deliveries: what is sent to the hospital, what became of it, and the acts on it."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from edge.api.exams.exams import RecordId
from edge.api.pages import Cursor, Page, page_of
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.records.outbox.delivery import DeliveredObject, Delivery

State = Annotated[
    Literal["waiting", "sending", "sent", "confirmed", "refused", "cancelled"] | None, Query(description="Only in this state")
]


class DeliveryOut(BaseModel):
    """A report of an exam on its way to a peer. `state` is waiting, sending, sent, confirmed, refused or cancelled.

    Of its `objects` the peer has `taken`, `warned` of them with a warning, and confirmed `confirmed_objects`; 0 before they were made.
    `missing` more could not be made. `next_at` is null where nothing is tried by itself; `answer` is the last answer in the peer's words.
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


class DeliveredObjectOut(BaseModel):
    """One object. `state` is waiting, sent, confirmed or refused; missing where it could not be made, and `answer` is why."""

    uid: str
    sop_class: str
    kind: str
    zone: str
    state: str
    warned: bool
    answer: str
    status: str
    answered_at: datetime | None


class OneDeliveryOut(DeliveryOut):
    """A delivery with its manifest, in the order of sending."""

    manifest: list[DeliveredObjectOut]


class SentOut(BaseModel):
    """What became of an exam. `peers` are the names of those to which it can be sent."""

    peers: list[str]
    deliveries: list[DeliveryOut]


class OutboxOut(BaseModel):
    """`states` counts the deliveries in each state; a state without one is left out. `peers` are the names of those of the hospital."""

    peers: list[str]
    states: dict[str, int]


class SendIn(BaseModel):
    """The peers to send to; without them to all."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"peers": ["pacs"]}]})

    peers: list[str] = Field(default=[], max_length=20)


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/deliveries", summary="What is sent to the hospital, the last queued first")
    def listed(who: Who, cursor: Cursor, state: State = None) -> Page[DeliveryOut]:
        found = view.outbox.newest(who, cursor.fetch, cursor.after, [state] if state else ())
        return page_of(found, cursor, delivery_out, lambda each: each.id)

    @routes.get("/outbox", summary="How many deliveries are in which state")
    def standing(who: Who) -> OutboxOut:
        now = view.outbox.standing(who)
        return OutboxOut(peers=list(now.peers), states=dict(now.states))

    @routes.get("/deliveries/{delivery_id}", summary="One delivery, and what became of each of its objects")
    def one(who: Who, delivery_id: RecordId) -> OneDeliveryOut:
        delivery, objects = view.outbox.get(who, delivery_id)
        return OneDeliveryOut(**delivery_out(delivery).model_dump(), manifest=[_object_out(each) for each in objects])

    @routes.get("/exams/{exam_id}/deliveries", summary="What became of an exam at each peer")
    def of_exam(who: Who, exam_id: RecordId) -> SentOut:
        sent = view.outbox.of_exam(who, exam_id)
        return SentOut(peers=list(sent.peers), deliveries=[delivery_out(each) for each in sent.deliveries])

    @routes.post("/exams/{exam_id}/deliveries", status_code=202, summary="Send a signed exam; to send it again changes nothing")
    def send(who: Who, exam_id: RecordId, wanted: SendIn) -> list[DeliveryOut]:
        return [delivery_out(each) for each in view.outbox.send(who, exam_id, wanted.peers)]

    @routes.post("/deliveries/{delivery_id}/retry", summary="Try a delivery again at once")
    def retry(who: Who, delivery_id: RecordId) -> DeliveryOut:
        return delivery_out(view.outbox.retry(who, delivery_id))

    @routes.post("/deliveries/{delivery_id}/cancel", summary="Cancel a delivery that the peer does not have yet")
    def cancel(who: Who, delivery_id: RecordId) -> DeliveryOut:
        return delivery_out(view.outbox.cancel(who, delivery_id))


def delivery_out(delivery: Delivery) -> DeliveryOut:
    return DeliveryOut.model_validate({name: getattr(delivery, name) for name in DeliveryOut.model_fields})


def _object_out(each: DeliveredObject) -> DeliveredObjectOut:
    return DeliveredObjectOut.model_validate({name: getattr(each, name) for name in DeliveredObjectOut.model_fields})
