"""Sticks: which are there, exams written to one for a receiver, and the reviews that come back on one."""

import os
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from edge.api.says import SaysOut, says_out
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.exchange.stick.present import KnownReceiver, PresentStick
from edge.exchange.stick.writer import Written
from edge.services.stick import Received
from edge.services.stick_work import StickWork

MOST_EXAMS = 1000
"""Exams that one request names; all that were ended need no names."""
StickId = Annotated[str, Field(max_length=64)]
Fingerprint = Annotated[str, Field(max_length=64)]


class StickOut(BaseModel):
    """A stick; `free` and `size` are in bytes. `unreadable`: nothing can be read from it.

    `review_files` files of reviews are on it; `unusable` states by the name of a file why it is no key of a receiver.
    """

    id: str
    name: str
    folder: str
    writable: bool
    removable: bool
    free: int
    size: int
    unreadable: bool
    review_files: int
    unusable: dict[str, str]


class ReceiverOut(BaseModel):
    """A receiver. One that is not `remembered` must be confirmed: its key is on a stick only, where anybody can have put it.

    `problem` is why nothing can be written for it now, empty where nothing is in the way.
    """

    name: str
    fingerprint: str
    valid_from: datetime
    valid_until: datetime
    remembered: bool
    problem: str
    says: SaysOut | None


class SticksOut(BaseModel):
    """What is there now."""

    sticks: list[StickOut]
    receivers: list[ReceiverOut]


class WrittenOut(BaseModel):
    """The exams by their ids: written now, and complete before. `missing` states by exam what it lacks there."""

    bundle: str
    written: list[str]
    there: list[str]
    missing: dict[str, list[str]]


class ReceivedOut(BaseModel):
    """The reviews by their ids: added now, and recorded before. `refused` states by review why."""

    added: list[str]
    there: list[str]
    refused: dict[str, str]


class StickWorkOut(BaseModel):
    """The work that runs, or the last one. `done` of `count` exams or reviews are complete, and `share` (0 to 1) of the whole.

    `ended_at` is null while it runs. Then `written` or `received` is its result, `cancelled` states that a person or a stop ended it, and
    `problem` what else did, with the next step in `fix`.
    """

    kind: Literal["export", "reviews"]
    by: str
    stick: str
    receiver: str
    fingerprint: str
    begun_at: datetime
    ended_at: datetime | None
    done: int
    count: int
    share: float
    cancelled: bool
    problem: str
    fix: str
    says: SaysOut | None
    written: WrittenOut | None
    received: ReceivedOut | None


class ExportIn(BaseModel):
    """The exams by their ids or the ends of these; without one, all that were ended. `stick` is an id of the list.

    `confirmed`: a person compared the fingerprint with the receiver.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"stick": "5f0c2a9b7d1e4863", "receiver": "8a41c07be52d9f36", "confirmed": True}]}
    )

    stick: StickId
    receiver: Fingerprint
    exams: list[Annotated[str, Field(max_length=36)]] = Field(default=[], max_length=MOST_EXAMS)
    confirmed: bool = False


class ReceiveIn(BaseModel):
    """`stick` is an id of the list."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"stick": "5f0c2a9b7d1e4863"}]})

    stick: StickId


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/sticks", summary="The sticks that are there, and the receivers whose keys are on them or are remembered")
    def present(who: Who) -> SticksOut:
        found = view.sticks.present(who)
        return SticksOut(sticks=[_stick_out(each) for each in found.sticks], receivers=[_receiver_out(each) for each in found.receivers])

    @routes.get("/sticks/work", summary="How far the work with a stick is, or how the last one ended; null before the first")
    def state(who: Who) -> StickWorkOut | None:
        work = view.sticks.state(who)
        return _work_out(work) if work else None

    @routes.post("/sticks/exports", status_code=202, summary="Begin to write exams to a stick, encrypted for one receiver")
    def export(who: Who, wanted: ExportIn) -> StickWorkOut:
        return _work_out(view.sticks.export(who, wanted.exams, wanted.stick, wanted.receiver, confirmed=wanted.confirmed))

    @routes.post("/sticks/reviews", status_code=202, summary="Begin to add the reviews that came back on a stick")
    def receive(who: Who, wanted: ReceiveIn) -> StickWorkOut:
        return _work_out(view.sticks.receive(who, wanted.stick))

    @routes.post("/sticks/work/cancel", summary="End the work with a stick; what is complete stays")
    def cancel(who: Who) -> StickWorkOut | None:
        work = view.sticks.cancel(who)
        return _work_out(work) if work else None


def _stick_out(stick: PresentStick) -> StickOut:
    disk = stick.disk
    return StickOut(
        id=disk.id,
        name=disk.name,
        folder=_shown(disk.folder),
        writable=disk.writable,
        removable=disk.removable,
        free=disk.free,
        size=disk.size,
        unreadable=stick.keys is None,
        review_files=stick.review_files,
        unusable={_shown(name): _shown(why) for name, why in stick.keys.unusable.items()} if stick.keys else {},
    )


def _receiver_out(known: KnownReceiver) -> ReceiverOut:
    receiver = known.receiver
    return ReceiverOut(
        name=receiver.name,
        fingerprint=receiver.fingerprint,
        valid_from=receiver.valid_from,
        valid_until=receiver.valid_until,
        remembered=known.remembered,
        problem=known.problem.what if known.problem else "",
        says=says_out(known.problem),
    )


def _work_out(work: StickWork) -> StickWorkOut:
    problem, receiver = work.problem, work.receiver
    return StickWorkOut(
        kind=work.kind,
        by=work.by,
        stick=work.stick,
        receiver=receiver.name if receiver else "",
        fingerprint=receiver.fingerprint if receiver else "",
        begun_at=work.begun_at,
        ended_at=work.ended_at,
        done=work.done,
        count=work.count,
        share=work.share,
        cancelled=work.cancelled,
        problem=_shown(problem.what) if problem else "",
        fix=problem.fix if problem else "",
        says=says_out(problem),
        written=_written_out(work.result) if isinstance(work.result, Written) else None,
        received=_received_out(work.result) if isinstance(work.result, Received) else None,
    )


def _written_out(written: Written) -> WrittenOut:
    missing = {exam: list(lacking) for exam, lacking in written.missing.items()}
    return WrittenOut(bundle=_shown(written.bundle), written=sorted(written.written), there=sorted(written.there), missing=missing)


def _received_out(received: Received) -> ReceivedOut:
    return ReceivedOut(added=list(received.added), there=list(received.there), refused=received.refused)


def _shown(text: str | os.PathLike[str]) -> str:
    """A name on a stick, as JSON takes it: it can hold bytes that are no text."""
    return os.fsencode(text).decode(errors="replace")
