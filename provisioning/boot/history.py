"""The history of a board: one line of JSON for each event, written after the boot record that carries the event.

A power cut between the two loses nothing: the next start writes what is missing. A torn line stays in its place and damages no other.
"""

import json
from dataclasses import asdict

from .files import Files
from .place import Place
from .record import Event, Record


def events(files: Files, place: Place) -> tuple[Event, ...]:
    """Every readable event, oldest first."""
    if not files.exists(place.history):
        return ()
    return tuple(event for line in files.read(place.history).splitlines() if (event := _event(line)) is not None)


def settle(files: Files, place: Place, record: Record) -> None:
    """Writes the event of a stored record, if the history does not have it yet."""
    event = record.event
    if event is None or any(known.number == event.number for known in events(files, place)):
        return
    torn = files.exists(place.history) and not files.read(place.history).endswith(b"\n")
    files.append(place.history, b"\n" * torn + json.dumps(asdict(event)).encode() + b"\n")
    files.sync(place.history)
    files.sync(place.root)


def _event(line: bytes) -> Event | None:
    try:
        stated = json.loads(line)
        return Event(**{name: value for name, value in stated.items() if name in Event.__slots__})
    except (ValueError, TypeError, AttributeError):
        return None
