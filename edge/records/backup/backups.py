"""Backups of the database: made while the appliance runs, checked before they count, and thinned out."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.disk.digest import digest_of
from edge.disk.durable import replace_file, sync_folder, time_stamp, unused
from edge.disk.layout import DataFolder
from edge.records.errors import BackupFailed, BackupUnusable, RecordsFull
from edge.records.integrity import NO_TIP, faults, reading, tip_of
from edge.records.revision import revision_of
from edge.records.store import Store

PATTERN = "records-*.json"
NEWEST_KEPT, DAYS_KEPT = 3, 7
"""The newest ones are kept, and of each of the last days the newest."""
PAGES = 2000
"""Copied at once, 8 MB: between two such pieces the progress is told."""
MARGIN_BYTES = 10_000_000

Progress = Callable[[int, int], None]
"""Is told how much is done, and of how much."""


def untold(done: int, of: int) -> None:
    """For who does not want to know the progress."""


class Backup(BaseModel):
    """A copy of the database as it was at `at`, after the audit entry `seq`; `public` is the key that signed its tip.

    By `number` a later one is known, whatever a clock said that was corrected since.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    number: int
    at: datetime
    seq: int
    hash: str
    sha256: str
    bytes: int
    public: str


def make_backup(store: Store, folder: Path, progress: Progress = untold) -> Backup:
    """Copies the database into a folder; once this returns the copy is whole, was checked, and survives a cut of power.

    Raises:
        BackupFailed: the folder or its disk refuses it, or what was copied is damaged; what was there before is still there.
    """
    try:
        folder.mkdir(exist_ok=True)
        path = unused(folder / f"records-{time_stamp()}.sqlite")
        part = path.with_suffix(".part")
        try:
            backup = _copy(store, part, path.name, progress)
            part.replace(path)
            sync_folder(folder)
            replace_file(path.with_suffix(".json"), backup.model_dump_json(indent=1).encode())
        finally:
            part.unlink(missing_ok=True)
        _copy_heads(store.path.parent, folder)
        _copy_key(store.path.parent, folder)
        thin_out(folder)
    except (OSError, sqlite3.Error) as error:
        raise BackupFailed(
            f"no backup was made in {folder} ({error})", "Check that the disk is there, has room and may be written"
        ) from error
    return backup


def _copy(store: Store, part: Path, name: str, progress: Progress) -> Backup:
    if (free := free_bytes(part.parent)) < (needed := _size(store.path) + MARGIN_BYTES):
        raise OSError(f"{free // 10**6} MB are free, and {needed // 10**6} are needed")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part, isolation_level=None)) as target, reading(store.path) as source:
        source.execute("BEGIN")  # one state from the first page to the last, whatever is written meanwhile
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
        source.backup(target, pages=PAGES, progress=lambda _, left, of: progress(of - left, of))
        target.execute("PRAGMA journal_mode=DELETE")  # one file, with no log beside it
        tip = tip_of(target) if revision_of(target).floor else NO_TIP
    _settle(part)
    if found := faults(part, store.seal.public, whole=True, still=True):
        raise OSError(f"the copy is damaged: {'; '.join(found)}")
    size, number = part.stat().st_size, _next_number(DataFolder(store.path.parent).backups, part.parent)
    facts = {"at": tip.at, "seq": tip.seq, "hash": tip.hash, "public": store.seal.public}
    return Backup.model_validate({"file": name, "number": number, "sha256": digest_of(part), "bytes": size, **facts})


def _next_number(*folders: Path) -> int:
    return 1 + max((backup.number for folder in folders for backup in backups_in(folder)), default=0)


def backups_in(folder: Path) -> tuple[Backup, ...]:
    """The newest first; a file that is no backup's description is passed over."""
    found = []
    for path in sorted(folder.glob(PATTERN), reverse=True):
        try:
            backup = Backup.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue
        if (folder / backup.file).exists():
            found.append(backup)
    return tuple(sorted(found, key=lambda backup: backup.number, reverse=True))


def verify(folder: Path, backup: Backup, public: str | None = None) -> None:
    """Reads a backup again, whole; `public`, if given, is the key that has to have signed it, else its own.

    Raises:
        BackupUnusable: it is damaged, or signed by another appliance.
    """
    path = folder / backup.file
    fix = "Use another backup"
    try:
        _settle(path)
        if path.name != backup.file or digest_of(path) != backup.sha256:
            raise BackupUnusable(f"{path} is not as it was when it was made", fix)
        found = faults(path, public or backup.public, whole=True, still=True)
    except (OSError, RecordsFull) as error:
        raise BackupUnusable(f"{path} cannot be read ({error})", fix) from error
    if found:
        raise BackupUnusable(f"{path} is damaged: {'; '.join(found)}", fix)


def thin_out(folder: Path) -> None:
    """Takes away what `NEWEST_KEPT` and `DAYS_KEPT` do not keep, and copies that a cut of power left unfinished.

    Raises:
        OSError: the disk refuses it.
    """
    found = backups_in(folder)
    days = {backup.at.date(): backup for backup in reversed(found)}  # the newest of each day, because it comes last
    kept = {backup.file for backup in (*found[:NEWEST_KEPT], *(days[day] for day in sorted(days)[-DAYS_KEPT:]))}
    for path in (*folder.glob("records-*.sqlite"), *folder.glob("records-*.part")):
        if path.name not in kept:
            path.with_suffix(".json").unlink(missing_ok=True)
            path.unlink()
    sync_folder(folder)


def free_bytes(folder: Path) -> int:
    """What this user may still write to the disk of a folder."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in (path, DataFolder(path.parent).records_log) if each.exists())


def _settle(path: Path) -> None:
    """Brings a file to the disk and out of memory, so that it is read back from where it lies."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _copy_heads(data_dir: Path, folder: Path) -> None:
    """Elsewhere they show an audit trail that was cut short."""
    heads = DataFolder(data_dir).audit_heads
    if heads.exists():
        replace_file(DataFolder(folder).audit_heads, heads.read_bytes())


def _copy_key(data_dir: Path, folder: Path) -> None:
    """Into the data folder's own backups only: the key must not leave the appliance."""
    key, copy = DataFolder(data_dir).audit_key, DataFolder(folder).audit_key
    if folder == DataFolder(data_dir).backups and not copy.exists():
        replace_file(copy, key.read_bytes(), mode=0o600)


def key_back(data_dir: Path) -> None:
    """Puts the audit key back from the backups where it is gone.

    Raises:
        OSError: the disk refuses it.
    """
    data = DataFolder(data_dir)
    copy = DataFolder(data.backups).audit_key
    if copy.exists() and not data.audit_key.exists():
        replace_file(data.audit_key, copy.read_bytes(), mode=0o600)
