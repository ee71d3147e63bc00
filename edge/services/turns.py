"""Turns: attempts to sign in are checked one after another, and nobody takes all the places in the queue."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from firmware_bridge.errors import Unavailable

MOST, EACH = 12, 3
"""How many attempts can wait at the same time, in all and for one person. Each uses a thread of the API."""


class SignInBusy(Unavailable):
    """Too many people sign in at the same time."""

    code = "sign-in-busy"


def busy() -> SignInBusy:
    return SignInBusy("Too many people sign in at the same time", "Wait some seconds, and try again")


class Turns:
    """Any thread may use it."""

    def __init__(self) -> None:
        self._turn, self._counting = threading.Lock(), threading.Lock()
        self._waiting: Counter[str] = Counter()

    @contextmanager
    def of(self, person: str) -> Iterator[None]:
        """Waits for the turn of one attempt, so that each failure is counted before the next PIN is checked.

        Raises:
            SignInBusy: too many attempts wait.
        """
        with self._counting:
            if self._waiting.total() >= MOST or self._waiting[person] >= EACH:
                raise busy()
            self._waiting[person] += 1
        try:
            with self._turn:
                yield
        finally:
            with self._counting:
                self._waiting -= Counter((person,))
