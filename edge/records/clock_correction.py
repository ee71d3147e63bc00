"""The one way back: an administrator states that recent records have a wrong time, and from then on the machine's clock counts again."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.records.audit.chain import CORRECTED
from edge.records.audit.entry import Entry
from edge.records.clock import DOUBTS, MOST_OFF, OLDEST, ClockWatch, Doubt, running
from edge.records.errors import ClockRight, RecordsFull
from edge.records.notices import Notices, add_notice
from edge.records.store import Store


@dataclass(frozen=True, slots=True)
class Correction:
    """From which recorded time to which time of the clock."""

    latest: datetime
    now: datetime
    entry: Entry


def correct_clock(store: Store, actor: str) -> Correction:
    """Uses the machine's clock again, although there are later records; entries keep their times, and a notice is added.

    Raises:
        ClockRight: no record is later than the clock, or the clock was never set.
        RecordsFull, RecordsUnusable: the records cannot be written.
    """
    with store.write() as change:
        latest = change.latest
        change.follow_clock()
        if change.now < OLDEST:
            raise ClockRight(f"the clock says {change.now:%Y-%m-%d}", "Set the clock first")
        if change.now >= latest:
            raise ClockRight(f"nothing to correct: no record is later than the clock, {change.now:%Y-%m-%d %H:%M} UTC", "Nothing to do")
        entry = change.log(actor, CORRECTED, "clock", {"latest": latest.isoformat(), "clock": change.now.isoformat()})
        what = f"{actor} set the time of the records back from {latest:%Y-%m-%d %H:%M} to {change.now:%Y-%m-%d %H:%M} UTC"
        add_notice(change, "clock-corrected", what, "Check whether anything expired, or was signed, at a wrong time")
        return Correction(latest, change.now, entry)


class ClockGuard:
    """Adds a notice when the clock is not to be trusted, and states whether it is. Any thread may use it."""

    def __init__(self, store: Store, notices: Notices, most_off: Callable[[], timedelta] = lambda: MOST_OFF) -> None:
        self._store, self._notices = store, notices
        self._watch, self._turn = ClockWatch(most_off), threading.Lock()
        self._unstored: Doubt | None = None

    def look(self) -> None:
        """To be called about once a minute.

        Raises:
            RecordsFull, RecordsUnusable: the records cannot be read or written.
        """
        with self._turn:
            found = self._watch.look(self._store.clock.machine_time(), running(), self._store.latest())
            self._unstored = found or self._unstored
            if (doubt := self._unstored) is not None:
                self._notices.add(doubt.code, doubt.what, doubt.fix)
                self._unstored = None

    def in_doubt(self) -> bool:
        """Whether nothing may be removed for its age: the clock is wrong now, or nobody has seen the notice of a doubt.

        A jump ahead is in the records only as that notice: at the next start the clock agrees with what was recorded after the jump.

        Raises:
            RecordsFull, RecordsUnusable: the records cannot be read.
        """
        with suppress(RecordsFull):
            self.look()
        return self._unstored is not None or self._watch.doubts or any(notice.code in DOUBTS for notice in self._notices.unseen())
