"""Time that never goes back: a clock that is set back, or starts at 1970, does not make old what was written, nor extend what ran out."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

Now = Callable[[], datetime]
Running = Callable[[], timedelta]

TICK = timedelta(microseconds=1)
STEP = timedelta(minutes=1)
"""How finely time goes on while the clock is behind: fine enough for whatever runs out."""

MOST_AHEAD = timedelta(days=1)
"""How far a clock may jump, against the time that really passed, before people are told."""
MOST_BEHIND = timedelta(hours=1)
MOST_OFF = timedelta(days=366)
"""How long an appliance lies switched off, at the most, before people are asked whether its clock is right."""
OLDEST = datetime(2025, 1, 1, tzinfo=timezone.utc)
"""A clock that says less has never been set: a board without a battery starts years before this."""


def wall() -> datetime:
    """What this machine's clock says, in UTC."""
    return datetime.fromtimestamp(time.time(), timezone.utc)


def running() -> timedelta:
    """How long this machine runs, its sleep included; nobody can set it."""
    return timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))


def after(latest: datetime, said: datetime) -> datetime:
    """The time of what follows something that was written at `latest`, by a clock that says `said`."""
    return max(said, latest + TICK)


class Clock:
    """The time to go by. While the machine's clock is behind what was recorded, time goes on from there at the pace that it really passes.

    Any thread may ask.
    """

    def __init__(self, said: Now = wall, ran: Running = running) -> None:
        self.said = said
        self._ran = ran
        self._seen = (datetime.min.replace(tzinfo=timezone.utc), timedelta())

    def after(self, latest: datetime) -> datetime:
        """Later than `latest`, the newest time that was recorded; an earlier `latest` than before is a corrected clock, and followed."""
        seen, ran = self._seen
        if latest != seen:
            seen, ran = self.recorded(latest)
        passed = (self._ran() - ran) // STEP * STEP
        return after(latest + passed, self.said())

    def recorded(self, at: datetime) -> tuple[datetime, timedelta]:
        """Is told the newest time that was recorded as soon as it is; from then on time goes on."""
        self._seen = at, self._ran()
        return self._seen


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a clock is not believed: what people are told, and the next step."""

    code: str
    what: str
    fix: str


CORRECT = "where the records are ahead of the true time, an administrator runs `sonoedge audit correct-clock`"


class ClockWatch:
    """Looks at the clock now and then, beside the time that really passed. Belongs to one thread."""

    def __init__(self) -> None:
        self._before: tuple[datetime, timedelta] | None = None
        self._told = ""

    def look(self, said: datetime, ran: timedelta, latest: datetime) -> Doubt | None:
        """What has come to be wrong with a clock that says `said` after the machine has run for `ran`; told once for as long as it lasts.

        `latest` is the newest time that was recorded. The first look can tell only years, because nobody knows how long the machine was
        switched off.
        """
        expected, most = (latest, MOST_OFF) if self._before is None else (self._before[0] + ran - self._before[1], MOST_AHEAD)
        self._before = said, ran
        doubt = _behind(said, latest) or _ahead(said, expected, most)
        told, self._told = self._told, doubt.code if doubt else ""
        return doubt if doubt and doubt.code != told else None


def _behind(said: datetime, latest: datetime) -> Doubt | None:
    if said < OLDEST:
        return Doubt("clock-not-set", f"The clock says {said:%Y-%m-%d}: it was never set", f"Set the clock; {CORRECT}")
    if said < latest - MOST_BEHIND:
        what = f"The clock says {said:%Y-%m-%d %H:%M} UTC, but something was recorded at {latest:%Y-%m-%d %H:%M}"
        return Doubt("clock-behind", what, f"Set the clock; {CORRECT}")
    return None


def _ahead(said: datetime, expected: datetime, most: timedelta) -> Doubt | None:
    if expected < OLDEST or said - expected <= most:
        return None
    what = f"The clock jumped ahead, from {expected:%Y-%m-%d %H:%M} to {said:%Y-%m-%d %H:%M} UTC"
    return Doubt("clock-ahead", what, f"Check the clock; if it is wrong, set it, and {CORRECT}")
