"""A slot: the virtual environment of one release, with a mark that states that it is whole."""

import json
from dataclasses import asdict, dataclass

from .files import Files, replace
from .place import SLOTS, Place

NEEDED = ("bin/python3", "bin/sonoedge")
"""Without these a slot cannot start."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What `slot.json` states of a release: its name for people, its counter, the counter below which a rollback is barred, and its digest.

    `security_floor` is signed by those who publish the release. `sha256` is that of its bundle, empty for a release that was not signed.
    """

    version: str
    counter: int
    security_floor: int = 0
    sha256: str = ""


def mark_of(files: Files, place: Place, slot: str) -> Mark | None:
    """The mark of a slot that can start; None for any other."""
    if slot not in SLOTS:
        return None
    try:
        stated = json.loads(files.read(place.mark(slot)))
        mark = Mark(**{name: value for name, value in stated.items() if name in Mark.__slots__})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return mark if all(files.exists(place.slot(slot) / name) for name in NEEDED) else None


def marks(files: Files, place: Place) -> dict[str, Mark]:
    """The slots that can start."""
    found = {slot: mark_of(files, place, slot) for slot in SLOTS}
    return {slot: mark for slot, mark in found.items() if mark is not None}


def set_mark(files: Files, place: Place, slot: str, mark: Mark) -> None:
    """States that a slot is whole. Everything in it must be durable before."""
    replace(files, place.mark(slot), json.dumps(asdict(mark), sort_keys=True).encode())


def clear_mark(files: Files, place: Place, slot: str) -> None:
    """From here on the slot does not start; durable before its content is touched."""
    if files.exists(place.mark(slot)):
        files.remove(place.mark(slot))
        files.sync(place.slot(slot))
