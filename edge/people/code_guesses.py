"""Guesses at the one-time code of a claim: each place waits, and is locked, after as many as for wrong PINs (`edge.people.lockout`).

They are counted in memory: the code has 60 random bits, so what a restart gives back is no help.
"""

from collections import OrderedDict
from datetime import timedelta
from http import HTTPStatus

from edge.people.lockout import Failures, SignInLocked, SignInWaits, admit, failed
from edge.people.place import place_of
from edge.records.clock import Running
from edge.records.people.attempts import Attempts
from edge.records.store import Store
from firmware_bridge.errors import Denied

MOST = 1000
"""How many places are remembered."""
BOARD = "or claim the appliance on the board: sonoedge operator claim"


class ClaimWaits(Denied):
    """Too many wrong codes came from one place: no code from there is checked."""

    code = "claim-waits"
    status = HTTPStatus.TOO_MANY_REQUESTS


class CodeGuesses:
    """For one claim at a time. `address` is where a request comes from."""

    def __init__(self, store: Store, ran: Running) -> None:
        self._store, self._ran, self._attempts = store, ran, Attempts(store)
        self._failures: OrderedDict[str, tuple[Failures, timedelta]] = OrderedDict()
        """The wrong codes from each place, and when the last one was."""

    def admit(self, address: str) -> None:
        """Admits an attempt.

        Raises:
            ClaimWaits: there were too many from this place.
        """
        failures, at = self._failures.get(place_of(address), (Failures(), self._ran()))
        try:
            admit(failures, self._store.now(), self._ran() - at)
        except SignInWaits as wait:
            what = f"{failures.count} wrong codes came from this address: a claim must wait"
            raise ClaimWaits(what, f"{wait.fix}, {BOARD}", says="claim_waits") from None
        except SignInLocked:
            what = f"{failures.count} wrong codes came from this address: it cannot claim the appliance"
            raise ClaimWaits(what, f"Restart the appliance, {BOARD}", says="claim_blocked") from None

    def wrong(self, address: str) -> None:
        """Counts a wrong code, and records it in the audit trail."""
        place = place_of(address)
        before, _ = self._failures.get(place, (Failures(), timedelta()))
        self._failures[place] = failed(before, self._store.now()), self._ran()
        self._failures.move_to_end(place)
        if len(self._failures) > MOST:
            self._failures.popitem(last=False)
        self._attempts.wrong_code(address, before.count + 1)
