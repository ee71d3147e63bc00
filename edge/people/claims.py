"""Who is allowed to claim the appliance: a person at the board itself, or one who has the one-time code from its console, log or shell.

After a loss of the records a page needs the code also on the board, because the exams of others are still there.
"""

import threading
from http import HTTPStatus

import structlog

from edge.people.actor import Actor
from edge.people.code_guesses import CodeGuesses
from edge.people.permission import SHELL
from edge.people.place import LOOPBACK, place_of
from edge.records.clock import Running, running
from edge.records.notices import Notices
from edge.records.people.claim_mark import ClaimMark
from edge.records.people.operators import Operators
from edge.records.store import Store
from firmware_bridge.errors import Conflict, Denied, SonoEdgeError

PEOPLE_LOST = "people-lost"
WHAT = "This appliance was in use, and its records, with the list of people, were lost"
FIX = "Restore a backup with sonoedge backup restore, or claim the appliance again with sonoedge operator claim on the board"
NEW = "This appliance has no administrator yet"
ASK = "Give the code that the console of the appliance, its log and sonoedge operator code show, or claim it in the board's shell"

log = structlog.get_logger()


class ClaimCodeNeeded(Denied):
    """The one-time code of the appliance is missing or wrong."""

    code = "claim-code-needed"
    says_code = "claim_code_needed"
    status = HTTPStatus.FORBIDDEN


class NoCode(Conflict):
    """The appliance has an administrator, so nobody can claim it."""

    code = "no-claim-code"
    says_code = "no_claim_code"


class Claims:
    """Any thread may use it."""

    def __init__(self, store: Store, ran: Running = running) -> None:
        self._operators, self._mark = Operators(store), ClaimMark(store.path.parent, store.seal)
        self._guesses, self._turn = CodeGuesses(store, ran), threading.Lock()
        self._claimed = False

    @property
    def claimed(self) -> bool:
        """Whether people are enrolled, or ever were; this never becomes False again."""
        self._claimed = self._claimed or self._operators.any() or self._mark.present
        return self._claimed

    @property
    def lost(self) -> bool:
        """Whether the appliance was claimed, and nobody is enrolled any more."""
        return self._mark.present and not self._operators.any()

    @property
    def code(self) -> str:
        """The code for the next claim. It stays the same until somebody claims the appliance.

        Raises:
            NoCode: the appliance has an administrator.
        """
        if self._operators.any():
            raise NoCode("This appliance has an administrator, so there is no code", "Sign in; an administrator can enrol other people")
        return self._mark.code

    def needs_code(self, address: str) -> bool | None:
        """Whether a claim from this address needs the code; None: the appliance has an administrator."""
        if self._operators.any():
            return None
        return self._mark.present or place_of(address) != LOOPBACK

    def require(self, actor: Actor, code: str, address: str) -> None:
        """Admits a claim; an actor at the board's shell has access to the log and the data folder anyway.

        Raises:
            ClaimCodeNeeded: the code is needed, and this is not the code. A wrong one is counted.
            ClaimWaits: too many wrong codes came from this place.
        """
        if actor.kind == SHELL or not self.needs_code(address):
            return
        with self._turn:
            self._guesses.admit(address)
            if self._mark.accepts(code):
                return
            if code:
                self._guesses.wrong(address)
        if self.lost:
            raise ClaimCodeNeeded(f"{WHAT}. To claim it, a one-time code is needed", ASK)
        raise ClaimCodeNeeded(f"{NEW}. To claim it, a one-time code is needed", ASK, says="claim_code_new")

    def mark(self) -> None:
        """Makes the mark of a claim, with a new code for the next one; a full disk is asked again at the next start."""
        try:
            self._mark.put()
        except OSError as error:
            log.warning("the mark of a claimed appliance was not written", problem=str(error))

    def look(self, notices: Notices) -> None:
        """At a start: makes a missing mark, and reports a loss of the people to everybody, and its code to the log alone."""
        if self._operators.any() and not self._mark.own:
            self.mark()
        if not self.claimed:
            log.info("this appliance has no administrator; claim it with this one-time code", code=self._mark.code)
        if not self.lost:
            return
        log.warning("the people of this appliance were lost; claim it again with this one-time code", code=self._mark.code)
        try:
            notices.add(PEOPLE_LOST, WHAT, FIX)
        except SonoEdgeError as error:
            log.warning("the notice was not recorded", problem=error.what)
