"""The boot record: the one truth about the slots, and the one point at which an update becomes valid.

It is stored twice, each with a checksum. The copy that does not hold the truth is written first, so a torn write never costs it;
the valid copy with the highest number is the truth. A copy is one line of JSON and one line with its CRC-32 in hexadecimal.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from .files import Files
from .place import SLOTS, Place

MOST_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, for people: on the page, on the stick, in the history and in the audit trail.

    `code` is a row of `provisioning.codes`. `at` is a UTC time in ISO 8601 by the clock of the board, which may be wrong.
    """

    number: int
    at: str
    code: str
    what: str
    release_before: str = ""
    release_after: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """The state of the slots. A slot is named `a` or `b`, and empty where there is none.

    `active` runs unless `trial` does, which has `starts_left`. `previous` is the slot that a rollback returns to: empty while that slot is
    being written. `counter` is the highest release counter that was ever confirmed, `floors` are those of the signed lists. `ended` states
    how the program on trial ended last.
    """

    number: int = 0
    active: str = ""
    trial: str = ""
    starts_left: int = 0
    previous: str = ""
    counter: int = 0
    floors: Mapping[str, int] = field(default_factory=dict)
    ended: str = ""
    event: Event | None = None


def encode(record: Record) -> bytes:
    """The content of one copy."""
    line = json.dumps(asdict(record), sort_keys=True, separators=(",", ":")).encode()
    return line + b"\n%08x\n" % zlib.crc32(line)


def decode(content: bytes) -> Record | None:
    """A copy; None where it is torn, damaged or of an unknown form. Fields that a newer program added are ignored."""
    line, _, checksum = content[:MOST_BYTES].partition(b"\n")
    if checksum != b"%08x\n" % zlib.crc32(line):
        return None
    try:
        known = {name: value for name, value in json.loads(line).items() if name in Record.__slots__}
        event = known.pop("event", None)
        return _checked(Record(**known, event=None if event is None else Event(**event)))
    except (ValueError, TypeError, AttributeError):
        return None


def _checked(record: Record) -> Record:
    if not all(slot in ("", *SLOTS) for slot in (record.active, record.trial, record.previous)):
        raise ValueError("a slot has no such name")
    return record


class Records:
    """The two copies on a disk."""

    def __init__(self, files: Files, place: Place) -> None:
        self._files, self._place = files, place

    def load(self) -> Record | None:
        """The truth; None where neither copy is valid."""
        return max(filter(None, map(self._copy, self._place.records)), key=lambda record: record.number, default=None)

    @property
    def damaged(self) -> tuple[str, ...]:
        """The names of copies that exist and are not valid."""
        return tuple(path.name for path in self._place.records if self._files.exists(path) and self._copy(path) is None)

    def commit(self, record: Record) -> Record:
        """Stores a new truth, and returns it with its number; it is valid once the first of the two copies is synced.

        Raises:
            OSError: the disk refuses it; the old truth, or the new one, is still there.
        """
        truth = self.load()
        numbered = replace(record, number=1 if truth is None else truth.number + 1)
        for path in sorted(self._place.records, key=lambda path: truth is not None and self._copy(path) == truth):
            self._files.write(path, (encode(numbered),))
            self._files.sync(path)
            self._files.sync(path.parent)
        return numbered

    def _copy(self, path: Path) -> Record | None:
        try:
            return decode(self._files.read(path))
        except OSError:
            return None
