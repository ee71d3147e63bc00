"""The board: the slots of its program, what happened to them, and requests to update, test, restart or roll back."""

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel

from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.notice import NOTICE
from provisioning.request import Wish
from provisioning.selftest.check import State


class SlotOut(BaseModel):
    """A slot with a release that can start; `role` is active, trial or previous, and empty where nothing uses it."""

    name: str
    version: str
    counter: int
    role: str


class EventOut(BaseModel):
    """What happened to the slots, with its stable code and its reason; `at` is by the clock of the board."""

    number: int
    at: str
    code: str
    what: str


class AnswerOut(BaseModel):
    """What came of the last request of the page; `code` is empty while it goes on."""

    wish: Wish
    by: str
    at: AwareDatetime
    code: str
    text: str
    next_step: str
    lines: list[str]


class SiteOut(BaseModel):
    """The site of the board: where tablets can be, what they open, and the SHA-256 of the certificate that each installs once."""

    name: str
    networks: list[str]
    address: str
    certificate: str


class BoardOut(BaseModel):
    """`installed`: the program runs from a slot, named by `runs`. `asks`: requests are taken here. `starts_left` are those of a trial."""

    installed: bool
    asks: bool
    device: str
    compat: str
    runs: str
    starts_left: int
    slots: list[SlotOut]
    events: list[EventOut]
    answer: AnswerOut | None
    site: SiteOut | None
    notice: str = NOTICE


class MeasureOut(BaseModel):
    """A number with its unit and its limit."""

    name: str
    value: float
    unit: str
    limit: str


class ResultOut(BaseModel):
    """What one check found; `next_step` is empty if there is nothing to do."""

    name: str
    state: State
    detail: str
    measures: list[MeasureOut]
    next_step: str


class SelftestOut(BaseModel):
    """What `sonoedge provision selftest` states. What could not be tested is stated with its reason."""

    verdict: State
    made_at: AwareDatetime
    results: list[ResultOut]
    notice: str = NOTICE


class Certificate(Response):
    """Android and iOS offer to install a file of this type."""

    media_type = "application/x-x509-ca-cert"


class WishIn(BaseModel):
    """What the board should do."""

    wish: Wish


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/board", summary="The slots of the program, what happened to them, and what came of the last request")
    def board(who: Who) -> BoardOut:
        return BoardOut.model_validate(view.slots.state(who), from_attributes=True)

    @routes.get("/board/certificate", summary="The authority that a tablet installs, as PEM", response_class=Certificate)
    def certificate(who: Who) -> Certificate:
        return Certificate(view.slots.certificate(who), headers={"Content-Disposition": 'attachment; filename="sonoedge.crt"'})

    @routes.post("/board/requests", summary="Ask the board to check or apply a stick, to restart, or to roll back")
    def ask(who: Who, wanted: WishIn) -> BoardOut:
        view.slots.ask(who, wanted.wish, view.exam.status.running)
        return BoardOut.model_validate(view.slots.state(who), from_attributes=True)

    @routes.post("/board/selftest", summary="Test the board and the appliance now, while no exam is open")
    def selftest(who: Who) -> SelftestOut:
        return SelftestOut.model_validate(view.slots.selftest(who, view.exam.status.running, view.url), from_attributes=True)
