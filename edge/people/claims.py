"""Who may claim the appliance: anybody while nobody was ever enrolled; after a loss of the records only who can read its log or shell."""

from http import HTTPStatus

import structlog

from edge.people.actor import Actor
from edge.people.permission import SHELL
from edge.records.notices import Notices
from edge.records.people.claim_mark import ClaimMark
from edge.records.people.operators import Operators
from edge.records.store import Store
from firmware_bridge.errors import Conflict, Denied, SonoEdgeError

PEOPLE_LOST = "people-lost"
WHAT = "This appliance was in use, and its records, with the list of people, were lost"
FIX = "Restore a backup with sonoedge backup restore, or claim the appliance again with sonoedge operator claim on the board"

log = structlog.get_logger()


class ClaimCodeNeeded(Denied):
    """The appliance was claimed and its records are lost: the code of its log is missing or wrong."""

    code = "claim-code-needed"
    says_code = "claim_code_needed"
    status = HTTPStatus.FORBIDDEN


class NoCode(Conflict):
    """A claim of this appliance needs no code, or is not possible."""

    code = "no-claim-code"
    says_code = "no_claim_code"


class Claims:
    """Any thread may use it."""

    def __init__(self, store: Store) -> None:
        self._operators, self._mark = Operators(store), ClaimMark(store.path.parent, store.seal)
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
        """The code for the next claim.

        Raises:
            NoCode: none is needed, or the appliance has an administrator.
        """
        if not self.lost:
            raise NoCode("No claim of this appliance needs a code", "Sign in, or enrol the first administrator without a code")
        return self._mark.code

    def require(self, actor: Actor, code: str) -> None:
        """Admits a claim; an actor at the board's shell has access to the log and the data folder anyway.

        Raises:
            ClaimCodeNeeded: the records are lost, and this is not the code.
        """
        if actor.kind != SHELL and self.lost and not self._mark.accepts(code):
            fix = "Give the code that the log of the appliance and sonoedge operator code show, or claim it in the board's shell"
            raise ClaimCodeNeeded(f"{WHAT}. To claim it again, a one-time code is needed", fix)

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
        if not self.lost:
            return
        log.warning("the people of this appliance were lost; claim it again with this one-time code", code=self._mark.code)
        try:
            notices.add(PEOPLE_LOST, WHAT, FIX)
        except SonoEdgeError as error:
            log.warning("the notice was not recorded", problem=error.what)
