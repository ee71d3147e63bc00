"""Turns: attempts to sign in are checked one after another, and nobody takes all the places in the queue."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from firmware_bridge.errors import Unavailable

MOST, FROM_ONE_PLACE, EACH = 12, 6, 3
"""How many attempts can wait at the same time: in all, from one place, and from there for one person. Each uses a thread of the API."""


class SignInBusy(Unavailable):
    """Too many people sign in at the same time."""

    code = "sign-in-busy"
    says_code = "sign_in_busy"
    again_s = 5


def busy() -> SignInBusy:
    return SignInBusy("Too many people sign in at the same time", "Wait some seconds, and try again")


class Turns:
    """Any thread may use it."""

    def __init__(self) -> None:
        self._turn, self._counting = threading.Lock(), threading.Lock()
        self._waiting: Counter[tuple[str, str]] = Counter()
        """By person and place."""

    @contextmanager
    def of(self, person: str, place: str) -> Iterator[None]:
        """Waits for the turn of one attempt, so that each failure is counted before the next PIN is checked.

        Raises:
            SignInBusy: too many attempts wait.
        """
        key = person, place
        with self._counting:
            here = sum(waiting for (_, at), waiting in self._waiting.items() if at == place)
            if self._waiting.total() >= MOST or here >= FROM_ONE_PLACE or self._waiting[key] >= EACH:
                raise busy()
            self._waiting[key] += 1
        try:
            with self._turn:
                yield
        finally:
            with self._counting:
                self._waiting -= Counter((key,))
