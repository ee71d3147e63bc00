"""Sign-in with names that nobody has: such attempts are counted and refused like those of people, but cost no processor time.

The PIN of a stranger is not hashed, so that a flood of invented names takes neither a core from the readings nor the turn of a person with
the right PIN. `edge.api.people.steady` gives both refusals the same time.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

from edge.people.guesses import CONSOLE
from edge.people.lockout import ELSEWHERE_IN, Failures, SignInRefused, admit, admit_new_place, failed
from edge.people.place import place_of
from edge.records.clock import Running
from edge.records.people.attempts import Attempts
from edge.records.people.operators import folded

MOST = 1000
"""How many unknown names at places, and how many places, are remembered."""
AUDITED_AGAIN = timedelta(minutes=1)
"""Attempts from one place are audited at once, and then counted: one entry in this time states how many there were."""


def refused() -> SignInRefused:
    """The same for a wrong name and for a wrong PIN."""
    return SignInRefused("The name or the PIN is wrong", "Try again; after five failures in a row you have to wait")


class Strangers:
    """Any thread may use it."""

    def __init__(self, attempts: Attempts, now: Callable[[], datetime], ran: Running) -> None:
        self._attempts, self._now, self._ran = attempts, now, ran
        self._turn = threading.Lock()
        self._failures: OrderedDict[tuple[str, str], tuple[Failures, timedelta]] = OrderedDict()
        """The failures of each name at each place, and when the last one was."""
        self._audited: OrderedDict[str, timedelta] = OrderedDict()
        """When attempts from each place were audited last."""
        self._counted: Counter[str] = Counter()
        """Attempts from each place that are not audited yet."""

    def refuse(self, name_or_badge: str, address: str) -> NoReturn:
        """Counts one more attempt.

        Raises:
            SignInRefused: always, unless
            SignInWaits, SignInLocked: this name was tried too often, as for a person who is enrolled (`edge.people.guesses`).
        """
        name, place, ran = folded(name_or_badge), place_of(address), self._ran()
        with self._turn:
            before, at = self._failures.get((name, place), (Failures(), ran))
            admit(before, self._now(), ran - at)
            if place not in CONSOLE:
                admit_new_place(self._elsewhere(name, place, ran))
            self._failures[name, place] = failed(before, self._now()), ran
            self._failures.move_to_end((name, place))
            _forget(self._failures)
            self._counted[place] += 1
        self.audit_due(place)
        raise refused()

    def _elsewhere(self, name: str, place: str, ran: timedelta) -> int:
        tried = ((each, at) for (other, where), (each, at) in self._failures.items() if other == name and where != place)
        return sum(each.count for each, at in tried if ran - at < ELSEWHERE_IN)

    def audit_due(self, *places: str) -> None:
        """Audits the attempts from these places, or from all, that were not audited for `AUDITED_AGAIN`."""
        ran = self._ran()
        with self._turn:
            due = {
                place: self._counted.pop(place)
                for place in places or tuple(self._counted)
                if place in self._counted and ran - self._audited.get(place, ran - AUDITED_AGAIN) >= AUDITED_AGAIN
            }
            self._audited.update(dict.fromkeys(due, ran))
            _forget(self._audited)
        for place, attempts in due.items():
            self._attempts.failed_unknown(place, attempts)


def _forget(known: "OrderedDict[tuple[str, str], tuple[Failures, timedelta]] | OrderedDict[str, timedelta]") -> None:
    while len(known) > MOST:
        known.popitem(last=False)
