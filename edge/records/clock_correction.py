"""The one way back: an administrator says that what was recorded lately bears a wrong time, and from then on the clock counts again."""

from dataclasses import dataclass
from datetime import datetime

from edge.records.audit.chain import CORRECTED
from edge.records.audit.entry import Entry
from edge.records.clock import OLDEST, ClockWatch, running
from edge.records.errors import ClockRight
from edge.records.notices import Notices, tell
from edge.records.store import Store


@dataclass(frozen=True, slots=True)
class Correction:
    """From which recorded time to which clock's."""

    latest: datetime
    now: datetime
    entry: Entry


def correct_clock(store: Store, actor: str) -> Correction:
    """Goes by the machine's clock again, although something later was recorded; entries keep their times, and everybody is told.

    Raises:
        ClockRight: nothing later was recorded, or the clock was never set.
        RecordsFull, RecordsUnusable: the records cannot be written.
    """
    with store.write() as change:
        latest = change.latest
        change.follow_clock()
        if change.now < OLDEST:
            raise ClockRight(f"the clock says {change.now:%Y-%m-%d}", "Set the clock first")
        if change.now >= latest:
            raise ClockRight(f"nothing was recorded after {change.now:%Y-%m-%d %H:%M} UTC, which the clock says", "Nothing is to be done")
        entry = change.log(actor, CORRECTED, "clock", {"latest": latest.isoformat(), "clock": change.now.isoformat()})
        what = f"{actor} set the records' time back from {latest:%Y-%m-%d %H:%M} to {change.now:%Y-%m-%d %H:%M} UTC"
        tell(change, "clock-corrected", what, "Look whether anything ran out, or was signed, by the wrong time")
        return Correction(latest, change.now, entry)


class ClockGuard:
    """Tells everybody when the clock is not to be believed. Belongs to one thread."""

    def __init__(self, store: Store, notices: Notices) -> None:
        self._store, self._notices = store, notices
        self._watch = ClockWatch()

    def look(self) -> None:
        """Once a minute or so.

        Raises:
            RecordsFull, RecordsUnusable: the records cannot be read or written.
        """
        doubt = self._watch.look(self._store.clock.said(), running(), self._store.latest())
        if doubt is not None:
            self._notices.add(doubt.code, doubt.what, doubt.fix)
