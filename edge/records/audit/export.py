"""The audit trail in a file that others can verify: the entries with the bytes that were digested, the public key, and a signed head.

| line | what it is |
|---|---|
| first | JSON: `format`, `public_key` (PEM), `after` (the number of the entry before the first one here; 0 for a whole trail), `previous` |
| then | one entry a line, its canonical JSON; the next entry holds its SHA-256 as `previous` |
| last | JSON: `head`, the newest entry's number and digest and the time, signed |
"""

import base64
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from edge.disk.durable import replacing
from edge.records.audit.entry import BEGINNING
from edge.records.audit.heads import Head, Heads
from edge.records.audit.trail import PIECE, Progress, rows
from edge.records.errors import ExportUnusable, RecordsFull
from edge.records.store import Store

FORMAT = "sonoedge-audit/1"


def export(store: Store, actor: str, after: int = 0, progress: Progress = lambda _, __: None) -> Iterator[bytes]:
    """The lines of an export of the entries after entry `after`; the export itself is the last entry in it.

    Raises:
        ExportUnusable: there is no such entry.
        RecordsFull, RecordsUnusable: the records cannot be read or written.
    """
    newest = store.newest()
    if after < 0 or after > (newest.seq if newest else 0):
        raise ExportUnusable(
            f"there is no entry {after}, so that the export cannot start after it", "Find the number with sonoedge audit list"
        )
    with store.write() as change:
        change.log(actor, "audit.exported", "audit", {"after": after})
    head = Heads(store.path.parent).append(store)
    assert head is not None
    return _lines(store, after, head, progress)


def _lines(store: Store, after: int, head: Head, progress: Progress) -> Iterator[bytes]:
    with store.read() as session:
        before = next(rows(session, after), None) if after else None
    previous = (before.hash or b"").decode(errors="replace") if before else BEGINNING
    yield _line({"format": FORMAT, "public_key": store.seal.public, "after": after, "previous": previous})
    reached = after
    while reached < head.seq:
        with store.read() as session:  # a page at a time: a slow reader of the export blocks nothing
            page = list(islice(rows(session, reached + 1), min(PIECE, head.seq - reached)))
        if not page:
            break
        yield from (_readable(row.body or b"") for row in page)
        reached = page[-1].seq
        progress(reached - after, head.seq - after)
    yield _line({"head": head.as_record()})


def _readable(body: bytes) -> bytes:
    """A body may have been changed to anything. It is exported all the same, and the verification of the export finds it."""
    try:
        plain = "\n" not in body.decode()
    except ValueError:
        plain = False
    return body + b"\n" if plain else _line({"unreadable": base64.b64encode(body).decode()})


def _line(content: dict[str, object]) -> bytes:
    return json.dumps(content).encode() + b"\n"


def write_export(path: Path, lines: Iterable[bytes]) -> None:
    """Writes an export; afterwards the file is whole, or the previous file is still there.

    Raises:
        RecordsFull: the folder or its disk refuses it.
    """
    try:
        with replacing(path) as file:
            file.writelines(lines)
    except OSError as error:
        raise RecordsFull(f"{path} cannot be written ({error.strerror})", "Choose a folder that this user may write, with room") from error
