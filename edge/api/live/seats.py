"""How many live streams each place has open: each costs its own copy of every image, so their number is limited."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from starlette.requests import HTTPConnection

from edge.people.place import place_of
from firmware_bridge.errors import Unavailable

MOST_WATCHERS = 16
"""Live streams of one place, of both kinds together."""


class ManyStreams(Unavailable):
    """Too many live streams are open from one place."""

    code = "many-live-streams"
    says_code = "many_streams"
    status = HTTPStatus.TOO_MANY_REQUESTS


class Seats:
    """Use it on one event loop only."""

    def __init__(self) -> None:
        self._taken = Counter[str]()

    def require(self, watcher: HTTPConnection) -> None:
        """Raises ManyStreams: the place of `watcher` has too many."""
        if self._taken[_place(watcher)] >= MOST_WATCHERS:
            raise ManyStreams(f"{MOST_WATCHERS} live streams are open from here", "Close a page, and open this one again")

    @contextmanager
    def take(self, watcher: HTTPConnection) -> Iterator[None]:
        """One more stream at the place of `watcher`, until the block ends."""
        place = _place(watcher)
        self._taken[place] += 1
        try:
            yield
        finally:
            self._taken.subtract((place,))


def _place(watcher: HTTPConnection) -> str:
    return place_of(watcher.client.host if watcher.client else "")
