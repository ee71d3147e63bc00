"""Wrong PINs, and what they cost: from the fifth in a row each is a longer wait, and ten lock until a supervisor unlocks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from firmware_bridge.errors import Denied

WAITS_S = {5: 30, 6: 60, 7: 120, 8: 300, 9: 600}
"""Seconds to wait after so many failures in a row."""
LOCKS = 10


class SignInRefused(Denied):
    """The name or the PIN is wrong; which of them is not told."""

    code = "sign-in-refused"
    status = HTTPStatus.UNAUTHORIZED


class SignInWaits(Denied):
    """Too many wrong PINs in a row: nothing is checked for a while."""

    code = "sign-in-waits"
    status = HTTPStatus.TOO_MANY_REQUESTS


class SignInLocked(Denied):
    """So many wrong PINs in a row that somebody else has to look into it."""

    code = "sign-in-locked"
    status = HTTPStatus.LOCKED


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong PINs in a row of one name, as they are kept."""

    count: int = 0
    wait_until: datetime | None = None
    locked: bool = False


def wait_after(count: int) -> timedelta | None:
    """How long to wait after so many failures; None: it is locked."""
    return None if count >= LOCKS else timedelta(seconds=WAITS_S.get(count, 0))


def failed(before: Failures, now: datetime) -> Failures:
    """After one more."""
    wait = wait_after(before.count + 1)
    return Failures(before.count + 1, now + wait if wait else None, wait is None)


def admit(failures: Failures, now: datetime, waited: timedelta) -> None:
    """Lets an attempt be made.

    `waited` is how long this process has really seen pass since the last failure: a clock that is set back does not make the wait longer.

    Raises:
        SignInLocked, SignInWaits: it is not to be made, and the PIN is not looked at.
    """
    if failures.locked:
        raise SignInLocked(f"{failures.count} wrong PINs in a row: this name is locked", "Ask a supervisor to unlock it")
    wait = wait_after(failures.count)
    if failures.wait_until is None or not wait or failures.wait_until <= now or waited >= wait:
        return
    left = min(failures.wait_until - now, wait - waited)
    raise SignInWaits(f"{failures.count} wrong PINs in a row: nothing is checked for a while", f"Wait {left.seconds + 1} seconds")
