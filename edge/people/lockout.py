"""Wrong PINs: from the fifth in a row, each one makes the wait longer; ten lock the name at this place until a supervisor unlocks it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from firmware_bridge.errors import Denied

WAITS_S = {5: 30, 6: 60, 7: 120, 8: 300, 9: 600}
"""Number of failures in a row -> seconds to wait."""
LOCKS = 10
"""At one place."""


ELSEWHERE, ELSEWHERE_IN = 100, timedelta(days=1)
"""Failures with one name at all other places, and the time in which they count: from then on a new place must wait."""


class SignInRefused(Denied):
    """The name or the PIN is wrong; the error does not state which."""

    code = "sign-in-refused"
    says_code = "sign_in_refused"
    status = HTTPStatus.UNAUTHORIZED


class SignInWaits(Denied):
    """Too many wrong PINs in a row: no PIN is checked until the wait is over."""

    code = "sign-in-waits"
    status = HTTPStatus.TOO_MANY_REQUESTS


class SignInLocked(Denied):
    """Ten wrong PINs in a row from one place: a supervisor must unlock the name there."""

    code = "sign-in-locked"
    status = HTTPStatus.LOCKED


@dataclass(frozen=True, slots=True)
class Failures:
    """The wrong PINs in a row of one name at one place, as they are stored."""

    count: int = 0
    wait_until: datetime | None = None
    locked: bool = False


def wait_after(count: int) -> timedelta | None:
    """How long to wait after this many failures; None: the name is locked."""
    return None if count >= LOCKS else timedelta(seconds=WAITS_S.get(count, 0))


def failed(before: Failures, now: datetime) -> Failures:
    """The failures after one more wrong PIN."""
    wait = wait_after(before.count + 1)
    return Failures(before.count + 1, now + wait if wait else None, wait is None)


def admit(failures: Failures, now: datetime, waited: timedelta) -> None:
    """Admits an attempt to sign in.

    `waited` is the time since the last failure, as this process measured it: the wait does not get longer if the clock is set back.

    Raises:
        SignInLocked, SignInWaits: the attempt is refused, and the PIN is not checked.
    """
    if failures.locked:
        what = "{failures} wrong PINs in a row: this name is locked at this address"
        fix = "Ask a supervisor to unlock it, or sign in at another address or at the board"
        raise SignInLocked(what, fix, says="sign_in_locked", failures=failures.count)
    wait = wait_after(failures.count)
    if failures.wait_until is None or not wait or failures.wait_until <= now or waited >= wait:
        return
    left = min(failures.wait_until - now, wait - waited)
    what, fix = "{failures} wrong PINs in a row: sign-in must wait", "Wait {seconds} seconds"
    raise SignInWaits(what, fix, says="sign_in_waits", failures=failures.count, seconds=left.seconds + 1)


def admit_new_place(elsewhere: int) -> None:
    """Admits an attempt at a place where the person never signed in; `elsewhere` are the recent failures at other places.

    Raises:
        SignInWaits: there were too many.
    """
    if elsewhere >= ELSEWHERE:
        fix = "Sign in where you signed in before or at the board, or try again tomorrow"
        what = "Too many wrong PINs for this name came from other addresses: sign-in must wait"
        raise SignInWaits(what, fix, says="sign_in_waits_elsewhere")
