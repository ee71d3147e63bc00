"""The lobby: every open connection of the web server, with the time that each can wait and the number that each place can have.

A connection that waits for its client costs a file descriptor, which the exam needs for its clips. So a wait has a limit, and where a
place (`edge.people.place`) has too many connections, the newest replaces the one that has waited longest: a person who opens the page is
served, also while a program opens a thousand connections.
"""

import resource
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import structlog

from edge.people.place import place_of

TOTAL = 160
"""Open connections of all places together."""
EACH = 64
"""Open connections of one place. A browser opens six to load the page, and keeps one for each live stream."""
SHARE = 4
"""At most one of this many file descriptors is a connection: the rest are for the records, the clips and the source."""
LOG_S = 60
"""The log states at most once in this many seconds that there were too many."""

log = structlog.get_logger()


class Wait(str, Enum):
    """What a connection waits for."""

    HEAD = "head"
    """A request, or the rest of its head."""
    BODY = "body"
    """The rest of a body."""
    READER = "reader"
    """The client reads an answer too slowly, or not at all."""
    NOTHING = "nothing"
    """The appliance answers, or the connection is a live stream, which has its own limits."""


LIMITS_S: Mapping[Wait, float] = {Wait.HEAD: 10, Wait.BODY: 20, Wait.READER: 20}
"""Seconds after which a connection is closed that waits for the same thing, and has not made progress if it waits for a reader."""


class Guest(Protocol):
    """A connection, as the lobby sees it."""

    @property
    def wait(self) -> Wait: ...

    @property
    def unsent(self) -> int:
        """Bytes of answers that wait for the client."""
        ...

    def abort(self) -> None: ...


@dataclass(slots=True)
class _Stay:
    place: str
    since: float
    wait: Wait = Wait.HEAD
    unsent: int = 0


class Lobby:
    """For one event loop. `clock` is in seconds from any moment."""

    def __init__(self, total: int = TOTAL, each: int = EACH, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._each, self._clock = min(total, _affordable()), each, clock
        self._stays: dict[Guest, _Stay] = {}  # the one that came first is first
        self._crowded_at, self._crowded_out = float("-inf"), 0

    def enter(self, guest: Guest, address: str) -> None:
        """Adds a connection; if there are too many, one is closed."""
        place = place_of(address)
        self._stays[guest] = _Stay(place, self._clock())
        same = [each for each, stay in self._stays.items() if stay.place == place]
        if len(same) > self._each:
            self._make_room(same)
        elif len(self._stays) > self._total:
            self._make_room(list(self._stays))

    def leave(self, guest: Guest) -> None:
        self._stays.pop(guest, None)

    def sweep(self) -> None:
        """Closes each connection that has waited too long; call it about once a second."""
        now = self._clock()
        for guest in list(self._overdue(now)):
            self._remove(guest)
        if self._crowded_out and now - self._crowded_at > LOG_S:
            log.warning("too many connections: the longest waiting ones were closed", closed=self._crowded_out, open=len(self))
            self._crowded_at, self._crowded_out = now, 0

    def __len__(self) -> int:
        return len(self._stays)

    def _overdue(self, now: float) -> Iterator[Guest]:
        for guest, stay in self._stays.items():
            if (guest.wait, guest.unsent) != (stay.wait, stay.unsent):
                stay.wait, stay.unsent, stay.since = guest.wait, guest.unsent, now
            elif now - stay.since > LIMITS_S.get(stay.wait, float("inf")):
                yield guest

    def _make_room(self, guests: list[Guest]) -> None:
        """Closes the first that waits; the newest, which is the last, if none of the others waits."""
        self._crowded_out += 1
        self._remove(next((guest for guest in guests[:-1] if guest.wait is not Wait.NOTHING), guests[-1]))

    def _remove(self, guest: Guest) -> None:
        self.leave(guest)
        guest.abort()


def _affordable() -> int:
    """How many connections the limit of file descriptors allows."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return TOTAL if soft == resource.RLIM_INFINITY else max(1, soft // SHARE)
