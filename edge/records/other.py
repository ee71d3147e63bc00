"""The records of another appliance, in its data folder or in a backup folder: a copy in memory is read, and nothing there changes."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.disk.layout import DataFolder
from edge.disk.room import free_bytes
from edge.records.audit.seal import Seal, fingerprint
from edge.records.backup.backups import verify
from edge.records.backup.description import backups_in
from edge.records.copied import MARGIN_BYTES, MEMORY
from edge.records.errors import RecordsFull, RecordsUnusable, RecordUnknown
from edge.records.integrity import is_still, reading
from edge.records.store import Store


@dataclass(frozen=True, slots=True)
class OtherRecords:
    """A copy of them, and the fingerprint of the key of that appliance; empty where it has none."""

    store: Store
    key: str


@contextmanager
def other_records(folder: Path) -> Iterator[OtherRecords]:
    """The records of a data folder, or of the newest backup in a folder.

    Raises:
        RecordUnknown: the folder has neither.
        BackupUnusable: the backup is damaged.
        RecordsFull, RecordsUnusable: they cannot be read, are damaged or need a newer program, or the memory is too small for a copy.
    """
    path, key = _place(folder)
    with tempfile.TemporaryDirectory(prefix="sonoedge-", dir=MEMORY) as scratch:
        copy = DataFolder(Path(scratch))
        _copy(path, copy.records)
        with closing(Store.open(copy.root)) as store:
            yield OtherRecords(store, key)


def _place(folder: Path) -> tuple[Path, str]:
    data = DataFolder(folder)
    if data.records.exists():
        return data.records, Seal.of(folder).fingerprint if data.audit_key.exists() else ""
    backups = backups_in(folder)
    if not backups:
        raise RecordUnknown(f"{folder} has neither records nor a backup", "Name a data folder, or the folder of its backups")
    verify(folder, backups[0])
    return folder / backups[0].file, fingerprint(backups[0].public)


def _copy(path: Path, copy: Path) -> None:
    needed, free = 2 * path.stat().st_size + MARGIN_BYTES, free_bytes(copy.parent)
    if free < needed:
        what = f"{free // 10**6} MB are free in memory, and {needed // 10**6} are needed for a copy of {path}"
        raise RecordsFull(what, "Close other programs, or let that site write its statistics to a file")
    try:
        with reading(path, still=is_still(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except (sqlite3.Error, OSError) as error:
        raise RecordsUnusable(f"{path} cannot be read ({error})", "Use a backup of that site") from error
