"""The time that provisioning relies on: the clock of the board, but never before the floor.

The floor rises only from signed facts, such as the date of accepted metadata, and never from the clock: a clock that once jumped to 2099
locks nothing out. All times here have a time zone.
"""

import fcntl
import struct
import time
from datetime import datetime, timedelta, timezone
from enum import Enum
from pathlib import Path

from provisioning.codes import ProvisionRefused

AHEAD_AFTER = timedelta(days=5 * 365)
"""No signed fact is older than this: the root role of the releases is valid for five years."""
OLDEST = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""Nobody had this program before: the floor of a board that has accepted nothing yet."""
EXAMPLE = "2026-11-30T15:00:00+03:00"
RTC = Path("/dev/rtc0")
RTC_SET_TIME = 0x4024700A
"""linux/rtc.h: _IOW('p', 0x0a, struct rtc_time), nine integers."""


class ClockVerdict(str, Enum):
    """What a clock is worth."""

    GOOD = "CLOCK_GOOD"
    BEHIND = "CLOCK_BEHIND"
    AHEAD = "CLOCK_AHEAD"


def now(clock: datetime, floor: datetime) -> datetime:
    """The time to rely on, if the clock of the board shows `clock`."""
    return max(clock, floor)


def clock_verdict(clock: datetime, floor: datetime) -> ClockVerdict:
    """BEHIND before the floor, AHEAD more than five years after it."""
    if clock < floor:
        return ClockVerdict.BEHIND
    return ClockVerdict.AHEAD if clock > floor + AHEAD_AFTER else ClockVerdict.GOOD


def settable(typed: str, floor: datetime) -> datetime:
    """The time in UTC that a person typed in the form of ISO 8601, if the clock is allowed to be set to it.

    Raises:
        ProvisionRefused: E-CLOCK, it is no time, has no time zone, or is before the floor.
    """
    text = typed.strip()
    try:
        moment = datetime.fromisoformat(text[:-1] + "+00:00" if text[-1:] in ("Z", "z") else text)  # Python 3.10 reads no Z
        if moment.tzinfo is None:
            raise ProvisionRefused("E-CLOCK", f"{typed!r} has no time zone", f"Add it, as in {EXAMPLE}")
        moment = moment.astimezone(timezone.utc)
    except (ValueError, OverflowError) as error:
        raise ProvisionRefused("E-CLOCK", f"{typed!r} is not a time", f"Type date, time and time zone, as in {EXAMPLE}") from error
    if moment < floor:
        what = f"{typed} is before {floor.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC, the date of what this device already accepted"
        raise ProvisionRefused("E-CLOCK", what, "Check the date with another clock and type it again")
    return moment


def set_clock(moment: datetime, rtc: Path = RTC) -> bool:
    """Sets the clock of the system and the one with a battery. False where the board has no such second one: a restart loses the time.

    Raises:
        ProvisionRefused: E-CLOCK, this user is not allowed to, or the system refuses the time.
    """
    try:
        time.clock_settime(time.CLOCK_REALTIME, moment.timestamp())
    except PermissionError as error:
        next_step = f"Run it as root: sudo sonoedge provision clock set {moment.isoformat()}"
        raise ProvisionRefused("E-CLOCK", "This user is not allowed to set the clock", next_step) from error
    except (OSError, OverflowError) as error:
        raise ProvisionRefused("E-CLOCK", f"The system does not set its clock to {moment.isoformat()} ({error})") from error
    return write_rtc(moment, rtc)


def write_rtc(moment: datetime, rtc: Path = RTC) -> bool:
    """Sets the clock with a battery, in UTC; False where there is none."""
    utc = moment.astimezone(timezone.utc)
    fields = struct.pack("9i", utc.second, utc.minute, utc.hour, utc.day, utc.month - 1, utc.year - 1900, 0, 0, 0)
    try:
        with rtc.open("rb") as chip:
            fcntl.ioctl(chip, RTC_SET_TIME, fields)
    except OSError:
        return False
    return True
