"""The life of a release in the slots, as moves from one boot record to the next. Nothing here touches a disk.

    (no slot) --adopted--> active
    active --emptied--> the other slot may be written --armed--> on trial, three starts
    on trial --starting--> one start less --asked_to_stop--> that start is given back
    on trial --confirmed--> active, and the one before is `previous`
    on trial --failed, or no start left--> the active one starts again, and the event states why
    active --returned--> `previous` is on trial

A move that people should know of carries an event.
"""

from collections.abc import Mapping
from dataclasses import replace

from .record import Event, Record
from .slot import Mark

STARTS = 3
"""Starts of a release on trial: a first start may be slow, or meet a power cut."""
NOTHING_STARTS = "No slot of this board can start"
NOT_WHOLE = "its slot is damaged"
NO_START = "its program never got as far as stating a reason: the power may have failed"

Marks = Mapping[str, Mark]
"""The slots that can start."""


def adopted(record: Record, slot: str, marks: Marks, at: str) -> Record:
    """The first release of a board, or one that its installer put next to the old one: no trial."""
    what = f"Release {_name(marks, slot)} was installed"
    event = _event(record, at, "OK-INSTALLED", what, _name(marks, record.active), _name(marks, slot))
    previous = record.active if record.active in marks and record.active != slot else ""
    return replace(
        record, active=slot, trial="", starts_left=0, previous=previous, counter=_raised(record, marks, slot), ended="", event=event
    )


def emptied(record: Record, slot: str) -> Record:
    """Before anything in `slot` is touched: nothing returns to it."""
    return replace(record, previous="" if record.previous == slot else record.previous)


def armed(record: Record, slot: str) -> Record:
    """The next start is a trial of `slot`."""
    return replace(record, trial=slot, starts_left=STARTS, ended="")


def starting(record: Record, marks: Marks, at: str) -> Record:
    """Before a start: which slot is it, and how many starts of a trial are left."""
    if record.trial and record.trial not in marks:
        return failed(record, NOT_WHOLE, marks, at, "E-SLOT")
    if record.trial and record.starts_left <= 0:
        return failed(record, record.ended or NO_START, marks, at, "E-HEALTH" if record.ended else "E-POWER")
    if record.trial:
        return replace(record, starts_left=record.starts_left - 1)
    if record.active in marks:
        return record
    return _without_active(record, marks, at)


def _without_active(record: Record, marks: Marks, at: str) -> Record:
    """The active slot cannot start: the previous one does, if there is one."""
    if record.previous in marks:
        what = f"The slot of the active release is damaged; release {_name(marks, record.previous)} runs"
        event = _event(record, at, "E-SLOT", what, "", _name(marks, record.previous))
        return replace(record, active=record.previous, previous="", event=event)
    if record.event is not None and record.event.code == "E-BOTH-SLOTS":
        return record
    return replace(record, event=_event(record, at, "E-BOTH-SLOTS", NOTHING_STARTS))


def runs(record: Record) -> str:
    """The slot that a start uses."""
    return record.trial or record.active


def asked_to_stop(record: Record) -> Record:
    """A trial that people, or a shutdown, stopped is not counted."""
    return replace(record, starts_left=min(STARTS, record.starts_left + 1)) if record.trial else record


def ended(record: Record, how: str) -> Record:
    """The program ended by itself."""
    return replace(record, ended=how) if record.trial else record


def confirmed(record: Record, marks: Marks, at: str) -> Record:
    """The trial passed. Its counter is the floor from now on, unless it was a rollback."""
    before, after = _name(marks, record.active), _name(marks, record.trial)
    event = _event(record, at, "OK-CONFIRMED", f"Release {after} passed its trial", before, after)
    previous, counter = record.active, _raised(record, marks, record.trial)
    return replace(record, active=record.trial, trial="", starts_left=0, previous=previous, counter=counter, ended="", event=event)


def failed(record: Record, why: str, marks: Marks, at: str, code: str = "E-HEALTH") -> Record:
    """The trial did not pass: the active release runs again, if it can."""
    before, after = _name(marks, record.trial), _name(marks, record.active)
    over = replace(record, trial="", starts_left=0, previous="", ended="")
    if record.active in marks:
        what = f"Release {before} did not pass its trial: {why}. Release {after} runs again"
        return replace(over, event=_event(record, at, code, what, before, after))
    if record.trial in marks:
        what = f"Release {before} did not pass its trial: {why}. It runs, because no other release can start"
        return replace(over, active=record.trial, event=_event(record, at, "E-SLOT", what, before, before))
    return replace(over, event=_event(record, at, "E-BOTH-SLOTS", NOTHING_STARTS))


def returned(record: Record, why: str, marks: Marks, at: str) -> Record:
    """People want the previous release back: it is on trial from the next start on."""
    before, after = _name(marks, record.active), _name(marks, record.previous)
    event = _event(record, at, "OK-ROLLBACK-ASKED", f"A return to release {after} was asked for: {why}", before, after)
    return replace(armed(record, record.previous), event=event)


def found(marks: Marks, at: str) -> Record:
    """The record of a board that has lost both copies: the newest release is on trial, and no older one is ever installed."""
    newest, *older = sorted(marks, key=lambda name: marks[name].counter, reverse=True) or [""]
    what = f"Both boot records were lost or damaged; release {_name(marks, newest)} runs, the newest that can start"
    record = Record(counter=_raised(Record(), marks, newest), event=_event(Record(), at, "E-BOOT-RECORD", what, "", _name(marks, newest)))
    return armed(replace(record, active=older[0]), newest) if older else replace(record, active=newest)


def repaired(record: Record, damaged: str, at: str) -> Record:
    """One copy was torn or damaged; storing this writes both again."""
    return replace(record, event=_event(record, at, "OK-BOOT-RECORD", f"A damaged boot record ({damaged}) was written again from its copy"))


def _raised(record: Record, marks: Marks, slot: str) -> int:
    return max(record.counter, marks[slot].counter if slot in marks else 0)


def _name(marks: Marks, slot: str) -> str:
    return marks[slot].version if slot in marks else "unknown"


def _event(record: Record, at: str, code: str, what: str, *names: str) -> Event:
    """`names`: of the release before, and of the one after."""
    return Event(1 if record.event is None else record.event.number + 1, at, code, what, *names)
