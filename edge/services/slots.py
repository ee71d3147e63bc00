"""The slots of the board for the page: what runs, what happened, and the requests that need more rights than the appliance has."""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from pydantic import ValidationError

from edge.disk.layout import DataFolder
from edge.people.actor import APPLIANCE_ACTOR, Actor
from edge.people.permission import Verb
from edge.records.clock import wall
from edge.records.slot_events import SlotEvents
from edge.records.store import Store
from edge.settings import PREFIX
from firmware_bridge.child import python
from firmware_bridge.errors import Conflict, NotFound, SonoEdgeError, Unavailable
from provisioning import request
from provisioning.board import compat
from provisioning.boot import history, moves
from provisioning.boot.files import RealFiles
from provisioning.boot.place import Place
from provisioning.boot.record import Event
from provisioning.boot.selector import Selector
from provisioning.codes import ProvisionRefused
from provisioning.identity.device import load_device
from provisioning.request import Answer, Request, Wish
from provisioning.selftest.report import Report
from provisioning.site.opened import SiteState, site_of

NEWEST = 20
"""Events that the page shows."""
SELFTEST_S = 300

log = structlog.get_logger()


class NoSlots(Unavailable):
    """The appliance does not run from a slot, or nothing on this board takes its requests."""

    code = "no-slots"
    says_code = "no_slots"


class NoSite(NotFound):
    """The board shows no certificate, because it belongs to no site."""

    code = "no-site"
    says_code = "no_site"


class SlotBusy(Conflict):
    """An earlier request was not taken yet, or an exam is open."""

    code = "slot-busy"
    says_code = "slot_busy"


class SelftestFailed(Unavailable):
    """The self-test did not end in time, or states nothing."""

    code = "selftest-failed"
    says_code = "selftest_failed"


@dataclass(frozen=True, slots=True)
class SlotState:
    """One slot: `role` is active, trial, previous, or empty where nothing uses it."""

    name: str
    version: str
    counter: int
    role: str


@dataclass(frozen=True, slots=True)
class BoardState:
    """`installed`: the appliance runs from a slot. `asks`: requests are taken. `device` is empty before the board was set up."""

    installed: bool
    asks: bool
    device: str
    compat: str
    runs: str
    starts_left: int
    slots: tuple[SlotState, ...]
    events: tuple[Event, ...]
    answer: Answer | None
    site: SiteState | None


class SlotsService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, data: DataFolder, store: Store, place: Place | None = None) -> None:
        """`place` is the one of this program, unless another one is given."""
        self._data, self._events = data, SlotEvents(store)
        self._place = place or Place.of(Path(sys.prefix))
        self._known_device = ""
        self.site = site_of(self._place, data.identity)
        self._noted: tuple[Event, ...] = ()
        """The history that the audit trail was compared with last."""

    def state(self, actor: Actor) -> BoardState:
        """Raises NotAllowed: the actor is not allowed to look."""
        actor.require(Verb.LOOK)
        if self._place is None:
            return BoardState(False, False, self._device, compat(), "", 0, (), (), None, None)
        selector = self._selector(self._place)
        record = selector.load()
        roles = {record.previous: "previous", record.active: "active", record.trial: "trial"}
        slots = tuple(SlotState(name, mark.version, mark.counter, roles.get(name, "")) for name, mark in selector.marks().items())
        events = history.events(selector.files, self._place)[-NEWEST:]
        answer = request.read(self._place.answer, Answer)
        return BoardState(
            True, self._asks, self._device, compat(), moves.runs(record), record.starts_left, slots, events, answer, self._site
        )

    def certificate(self, actor: Actor) -> str:
        """The authority that tablets of the site install, as PEM.

        Raises:
            NotAllowed: the actor is not allowed to look.
            NoSite: the board belongs to no site, or its identity cannot be used.
        """
        actor.require(Verb.LOOK)
        with suppress(ProvisionRefused, OSError):  # the worker `https` states it
            if self.site is not None:
                return self.site.certificates().authority.pem
        raise NoSite("The pages of this board open to no network", "Take the policy of a site: sonoedge provision site apply")

    def ask(self, actor: Actor, wish: Wish, exam_is_open: bool) -> None:
        """Leaves a request; the state shows what comes of it.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            NoSlots: nothing takes requests here.
            SlotBusy: an earlier request waits, or a restart would end an exam.
        """
        actor.require(Verb.SERVE)
        if not self._asks:
            raise NoSlots("This board takes no requests from the page", "Use the board's shell: sonoedge provision --help")
        if self._data.provision_request.exists():
            raise SlotBusy("The board has not begun with the previous request", "Wait some seconds, and try again")
        if wish is Wish.RESTART and exam_is_open:
            raise _exam_is_open("the restart takes some seconds")
        request.leave(self._data.provision_request, Request(wish=wish, by=actor.name, at=wall()))
        log.info("a request for the slots", wish=wish.value, by=actor.name)

    def selftest(self, actor: Actor, exam_is_open: bool, url: str) -> Report:
        """The self-test of the board at the level `field`, in a process of its own; `url` is where this appliance answers.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            SlotBusy: an exam is open.
            SelftestFailed: it states no result.
        """
        actor.require(Verb.SERVE)
        if exam_is_open:
            raise _exam_is_open("the self-test takes the processor and the disk for some seconds")
        command = python("-m", "edge.cli", "provision", "selftest", "--json")
        try:
            here = {**os.environ, f"{PREFIX}PORT": str(urlsplit(url).port)}
            done = subprocess.run(command, env=here, capture_output=True, text=True, errors="replace", timeout=SELFTEST_S, check=False)
            return Report.model_validate_json(done.stdout)
        except (OSError, subprocess.TimeoutExpired, ValidationError) as error:
            what, fix = "The self-test states no result", "Run it in the board's shell: sonoedge provision selftest"
            raise SelftestFailed(what, fix) from error

    def note(self, actor: Actor = APPLIANCE_ACTOR) -> None:
        """Writes the events that the audit trail does not have yet; a fault waits for the next time, because the history has them.

        Raises NotAllowed: the actor is not allowed to serve the appliance.
        """
        actor.require(Verb.SERVE)
        if self._place is None:
            return
        try:
            if (events := history.events(RealFiles(), self._place)) != self._noted:
                self._events.take(actor.name, [asdict(event) for event in events])
                self._noted = events
        except (SonoEdgeError, OSError) as error:
            log.warning("the history of the slots is not in the audit trail yet", problem=str(error))

    @property
    def _asks(self) -> bool:
        return self._place is not None and self._place.takes_requests.exists()

    @property
    def _site(self) -> SiteState | None:
        with suppress(ProvisionRefused, OSError):  # the worker `https` states it
            return self.site.state if self.site else None
        return None

    @property
    def _device(self) -> str:
        """Read once: pages ask again and again, and an id stays the same for the life of the board."""
        if not self._known_device:
            with suppress(ProvisionRefused):
                self._known_device = load_device(self._data.identity).id
        return self._known_device

    def _selector(self, place: Place) -> Selector:
        return Selector(RealFiles(), place, lambda: wall().isoformat(timespec="seconds"))


def _exam_is_open(why: str) -> SlotBusy:
    return SlotBusy("An exam is open", f"End the exam first: {why}", says="slot_exam_open")
