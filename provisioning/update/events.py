"""What happened to a board, as an event of its boot record: from there it reaches the history, the page and the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from provisioning.boot.record import Event
from provisioning.boot.selector import Selector
from provisioning.codes import ProvisionRefused

NO_EVENT = frozenset({"E-NO-STICK", "E-NOT-SET-UP"})
"""Refusals that no stick and no slot caused."""


def event(selector: Selector, code: str, what: str, release: str = "") -> Event:
    """The next event; `release` is the one that it is about."""
    record = selector.load()
    active = selector.marks().get(record.active)
    number = 1 if record.event is None else record.event.number + 1
    return Event(number, selector.clock(), code, what, active.version if active else "", release)


def happened(selector: Selector, code: str, what: str) -> Event:
    """States an event: once this returns, it survives a power cut.

    Raises:
        OSError: the disk refuses it.
    """
    stated = event(selector, code, what)
    selector.store(replace(selector.load(), event=stated))
    return stated


@contextmanager
def stating(selector: Selector, release: str = "") -> Iterator[None]:
    """A failure becomes an event before it becomes an error, unless it says nothing about a stick or a slot."""
    trial = selector.load().trial
    try:
        yield
    except ProvisionRefused as refused:
        if refused.cause not in NO_EVENT:
            _state(selector, refused, release, trial)
        raise
    except OSError as error:
        disk = ProvisionRefused.by_disk(error)
        _state(selector, disk, release, trial)
        raise disk from error


def _state(selector: Selector, refused: ProvisionRefused, release: str, trial: str) -> None:
    """`trial` was there before. One that the failure left half armed is disarmed: the error states that nothing was changed."""
    record = selector.load()
    kept = record if trial else replace(record, trial="", starts_left=0)
    with suppress(OSError):  # a disk that takes nothing takes no event either; the error states it
        selector.store(replace(kept, event=event(selector, refused.cause, refused.what, release)))
