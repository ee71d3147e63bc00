"""Guesses at the PIN of a known person, counted by place.

Who guesses from one machine locks the name for that machine alone: the person still signs in elsewhere. Guesses from very many machines
together make new places wait, but never the board itself, nor a place where this person has signed in before.
"""

from datetime import timedelta

from edge.people.lockout import ELSEWHERE_IN, Failures, admit, admit_new_place, wait_after
from edge.people.place import LOOPBACK, SHELL, place_of
from edge.records.clock import Running
from edge.records.people.attempts import Attempts
from edge.records.people.sessions import Sessions
from edge.records.store import Store

CONSOLE = frozenset({LOOPBACK, SHELL})


class Guesses:
    """For one attempt of a person at a time. `address` is where a request comes from."""

    def __init__(self, store: Store, ran: Running) -> None:
        self._store, self._ran = store, ran
        self._attempts, self._sessions = Attempts(store), Sessions(store)
        self._failed_at: dict[tuple[str, str], timedelta] = {}

    def admit(self, operator_id: str, address: str) -> None:
        """Admits an attempt.

        Raises:
            SignInLocked, SignInWaits: it is refused, and the PIN is not checked.
        """
        place, ran = place_of(address), self._ran()
        tried = self._attempts.of(operator_id, place, ELSEWHERE_IN)
        waited = ran - self._failed_at.setdefault((operator_id, place), ran)
        admit(Failures(tried.count, tried.wait_until, tried.locked), self._store.now(), waited)
        if place not in CONSOLE and place not in map(place_of, self._sessions.addresses(operator_id)):
            admit_new_place(tried.elsewhere)

    def wrong(self, operator_id: str, address: str) -> None:
        """Counts a wrong PIN."""
        place = place_of(address)
        self._attempts.failed(operator_id, place, address, wait_after)
        self._failed_at[operator_id, place] = self._ran()

    def right(self, operator_id: str, address: str) -> None:
        """Forgets the time of the last wrong PIN; the count is cleared where the sign-in is recorded."""
        self._failed_at.pop((operator_id, place_of(address)), None)
