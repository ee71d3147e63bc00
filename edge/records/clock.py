"""Time that never goes back. A clock that is set back, or starts at 1970, does not make new records old and does not extend time limits."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

Now = Callable[[], datetime]
Running = Callable[[], timedelta]

TICK = timedelta(microseconds=1)
STEP = timedelta(minutes=1)
"""How finely time advances while the clock is behind: fine enough for every time limit."""

MOST_AHEAD = timedelta(days=1)
"""How far a clock may jump ahead of the time that really passed before a notice appears."""
MOST_BEHIND = timedelta(hours=1)
MOST_OFF = timedelta(days=366)
"""How long an appliance may be switched off before a notice asks people to check its clock."""
MOST_OFF_REMOVING = timedelta(days=31)
"""The same where old clips are removed: a wrong date would remove clips that are not old."""
OLDEST = datetime(2025, 1, 1, tzinfo=timezone.utc)
"""A clock with an earlier date was never set: a board without a battery starts years before this."""


def wall() -> datetime:
    """The time of this machine's clock, in UTC."""
    return datetime.fromtimestamp(time.time(), timezone.utc)


def running() -> timedelta:
    """How long this machine has been running, including its sleep; this clock cannot be set."""
    return timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))


def after(latest: datetime, clock: datetime) -> datetime:
    """The time of an event after the one recorded at `latest`, when the clock says `clock`."""
    return max(clock, latest + TICK)


def is_older(then: datetime, now: datetime, age: timedelta) -> bool:
    """Whether something from `then` has reached an age; never if the clock was not set `then`. `now` is of a clock without doubt."""
    return then >= OLDEST and now - then > age


class Clock:
    """The time of the records. While the machine's clock is behind the newest record, time goes on from that record at its real pace.

    Any thread may ask.
    """

    def __init__(self, machine_time: Now = wall, ran: Running = running) -> None:
        self.machine_time = machine_time
        self._ran = ran
        self._seen = (datetime.min.replace(tzinfo=timezone.utc), timedelta())

    def after(self, latest: datetime) -> datetime:
        """A time after `latest`, the newest recorded time. An earlier `latest` than before comes from a corrected clock, and is used."""
        seen, ran = self._seen
        if latest != seen:
            seen, ran = self.recorded(latest)
        passed = (self._ran() - ran) // STEP * STEP
        return after(latest + passed, self.machine_time())

    def recorded(self, at: datetime) -> tuple[datetime, timedelta]:
        """Receives the newest recorded time as soon as it is recorded; time goes on from there."""
        self._seen = at, self._ran()
        return self._seen


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a clock is not trusted: the text of the notice, and the next step."""

    code: str
    what: str
    fix: str


DOUBTS = frozenset({"clock-not-set", "clock-behind", "clock-ahead"})
"""The codes of all doubts."""
CORRECT = "if the records are ahead of the true time, an administrator runs `sonoedge audit correct-clock`"


class ClockWatch:
    """Compares the clock now and then with the time that really passed. Belongs to one thread."""

    def __init__(self, most_off: Callable[[], timedelta] = lambda: MOST_OFF) -> None:
        self._most_off = most_off
        self._before: tuple[datetime, timedelta] | None = None
        self._reported = ""

    @property
    def doubts(self) -> bool:
        """Whether the newest check found a fault."""
        return bool(self._reported)

    def look(self, clock: datetime, ran: timedelta, latest: datetime) -> Doubt | None:
        """The fault of a clock that says `clock` after the machine has run for `ran`; reported once for as long as it lasts.

        `latest` is the newest recorded time. The first check can notice only an error of years, because it is unknown how long the machine
        was switched off.
        """
        expected, most = (latest, self._most_off()) if self._before is None else (self._before[0] + ran - self._before[1], MOST_AHEAD)
        self._before = clock, ran
        doubt = _behind(clock, latest) or _ahead(clock, expected, most)
        reported, self._reported = self._reported, doubt.code if doubt else ""
        return doubt if doubt and doubt.code != reported else None


def _behind(clock: datetime, latest: datetime) -> Doubt | None:
    if clock < OLDEST:
        return Doubt("clock-not-set", f"The clock says {clock:%Y-%m-%d}: it was never set", f"Set the clock; {CORRECT}")
    if clock < latest - MOST_BEHIND:
        what = f"The clock says {clock:%Y-%m-%d %H:%M} UTC, but something was recorded at {latest:%Y-%m-%d %H:%M}"
        return Doubt("clock-behind", what, f"Set the clock; {CORRECT}")
    return None


def _ahead(clock: datetime, expected: datetime, most: timedelta) -> Doubt | None:
    if expected < OLDEST or clock - expected <= most:
        return None
    what = f"The clock jumped ahead, from {expected:%Y-%m-%d %H:%M} to {clock:%Y-%m-%d %H:%M} UTC"
    return Doubt("clock-ahead", what, f"Check the clock; if it is wrong, set it, and {CORRECT}")
