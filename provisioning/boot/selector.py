"""What happens around each start of the appliance: the moves, stored, with their events in the history.

Every step may be cut and is safe to repeat.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace

from . import history, moves
from .files import Files, make_folders, point, remove_tree
from .place import SLOTS, Place, other
from .record import Record, Records
from .slot import Mark, clear_mark, marks, set_mark


@dataclass(frozen=True, slots=True)
class Selector:
    """The slots of a board at `place`. `clock` gives the UTC time in ISO 8601; `alone` keeps other commands out, see `lock.Alone`."""

    files: Files
    place: Place
    clock: Callable[[], str]
    alone: AbstractContextManager[None] = field(default_factory=nullcontext)

    def start(self) -> str:
        """Before a start: counts a trial, points `current` at the slot that runs, and returns its name; empty where none can start.

        A disk that takes no writes keeps nobody from scanning: the active slot runs, or the previous one, and the trial waits.
        """
        try:
            with self.alone:
                return self._start()
        except OSError:
            record, able = self.load(), self.marks()
            slot = next((slot for slot in (record.active, record.previous) if slot in able), "")
            with suppress(OSError):
                self._point(slot)
            return slot

    def _start(self) -> str:
        record = self.settled()
        started = moves.starting(record, self.marks(), self.clock())
        if started != record:
            started = self.store(started)
        slot = moves.runs(started) if moves.runs(started) in self.marks() else ""
        self._point(slot)
        return slot

    def _point(self, slot: str) -> None:
        point(self.files, self.place.current, f"slots/{slot}" if slot else self.place.safe.name)

    def asked_to_stop(self) -> None:
        """People or a shutdown stop the program."""
        self._move(moves.asked_to_stop)

    def ended(self, how: str) -> None:
        """The program ended by itself."""
        self._move(lambda record: moves.ended(record, how))

    def confirm(self) -> Record:
        """The program on trial passed."""
        return self._move(lambda record: moves.confirmed(record, self.marks(), self.clock()) if record.trial else record)

    def fail(self, why: str) -> Record:
        """The program on trial did not pass."""
        return self._move(lambda record: moves.failed(record, why, self.marks(), self.clock()) if record.trial else record)

    def prepare(self) -> str:
        """Before an installer writes a slot: empties the one that does not run, and returns its name."""
        make_folders(self.files, self.place.slots)
        record = self.fail("another release was installed") if self.settled().trial else self.settled()
        slot = other(record.active) if record.active in self.marks() else SLOTS[0]
        self.store(moves.emptied(record, slot))  # also a first one: without any, a slot with a mark counts as the active one
        clear_mark(self.files, self.place, slot)
        remove_tree(self.files, self.place.slot(slot))
        return slot

    def adopt(self, slot: str, mark: Mark) -> None:
        """After an installer wrote a slot: it runs from the next start on, without a trial, because a person is at the board."""
        self.files.sync_tree(self.place.slot(slot))
        self.files.sync(self.place.slots)
        set_mark(self.files, self.place, slot, mark)
        self.store(moves.adopted(self.settled(), slot, self.marks(), self.clock()))
        self.start()

    def load(self) -> Record:
        """The record; one made of the slots where both copies are lost; an empty one where nothing was ever installed."""
        stored = Records(self.files, self.place).load()
        if stored is not None:
            return stored
        return Record() if self._is_fresh else moves.found(self.marks(), self.clock())

    def marks(self) -> dict[str, Mark]:
        """The slots that can start."""
        return marks(self.files, self.place)

    def store(self, record: Record) -> Record:
        """Commits a record, and writes its event; the event of the record that it replaces is written before."""
        records = Records(self.files, self.place)
        with self.alone:
            if (replaced := records.load()) is not None:
                history.settle(self.files, self.place, replaced)
            stored = records.commit(record)
            history.settle(self.files, self.place, stored)
        return stored

    def _move(self, move: Callable[[Record], Record]) -> Record:
        with self.alone:
            record = self.settled()
            moved = move(record)
            return record if moved == record else self.store(moved)

    def settled(self) -> Record:
        """The record, with both copies whole and its event in the history."""
        records = Records(self.files, self.place)
        record = records.load()
        if record is None:
            return Record() if self._is_fresh else self.store(self._numbered(self.load()))
        history.settle(self.files, self.place, record)
        if damaged := records.damaged:
            return self.store(moves.repaired(record, ", ".join(damaged), self.clock()))
        return record

    @property
    def _is_fresh(self) -> bool:
        return not self.marks() and not any(map(self.files.exists, self.place.records))

    def _numbered(self, record: Record) -> Record:
        """Its event counts on from the history, which outlives the boot records."""
        known = history.events(self.files, self.place)
        if record.event is None or not known:
            return record
        return replace(record, event=replace(record.event, number=max(event.number for event in known) + 1))
