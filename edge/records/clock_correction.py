"""The one way back: an administrator states that recent records have a wrong time, and from then on the machine's clock counts again."""

from dataclasses import dataclass
from datetime import datetime

from edge.records.audit.chain import CORRECTED
from edge.records.audit.entry import Entry
from edge.records.clock import OLDEST, ClockWatch, running
from edge.records.errors import ClockRight
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
    """Adds a notice when the clock is not to be trusted. Belongs to one thread."""

    def __init__(self, store: Store, notices: Notices) -> None:
        self._store, self._notices = store, notices
        self._watch = ClockWatch()

    def look(self) -> None:
        """To be called about once a minute.

        Raises:
            RecordsFull, RecordsUnusable: the records cannot be read or written.
        """
        doubt = self._watch.look(self._store.clock.machine_time(), running(), self._store.latest())
        if doubt is not None:
            self._notices.add(doubt.code, doubt.what, doubt.fix)
