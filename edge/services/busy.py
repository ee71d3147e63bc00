"""Busy: the answer where more people ask for the same costly work than can wait for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from firmware_bridge.errors import SonoEdgeError, Unavailable


class ApplianceBusy(Unavailable):
    """Too many requests for costly work wait already, or the work before this one takes too long."""

    code = "appliance-busy"
    says_code = "appliance_busy"
    again_s = 5


def busy() -> ApplianceBusy:
    return ApplianceBusy("The appliance still does work that others asked for", "Wait some seconds, and try again")


@contextmanager
def one_at_a_time(lock: Lock, refusal: Callable[[], SonoEdgeError] = busy) -> Iterator[None]:
    """Holds the lock; where somebody else holds it, raises the refusal at once."""
    if not lock.acquire(blocking=False):
        raise refusal()
    try:
        yield
    finally:
        lock.release()
