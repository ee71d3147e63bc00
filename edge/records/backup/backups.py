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
NEWEST, DAYS = 3, 7
"""How many of the newest backups stay, and for how many of the last days the newest backup of the day stays."""
PAGES = 2000
"""Copied at once, 8 MB; progress is reported after each piece."""
MARGIN_BYTES = 10_000_000

Progress = Callable[[int, int], None]
"""Receives how much is done, and of how much."""


def no_progress(done: int, of: int) -> None:
    """For callers that do not show progress."""


class Backup(BaseModel):
    """A copy of the database as it was at `at`, after the audit entry `seq`; `public` is the key that signed its tip.

    The backup with the higher `number` is the later one, also where a wrong clock was corrected in between.
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


def make_backup(store: Store, folder: Path, progress: Progress = no_progress) -> Backup:
    """Copies the database into a folder; once this returns, the copy is whole, checked, and survives a power cut.

    Raises:
        BackupFailed: the folder or its disk refuses it, or the copy is damaged; earlier backups are still there.
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
            f"no backup was made in {folder} ({error})", "Check that the disk is there, has room and can be written"
        ) from error
    return backup


def _copy(store: Store, part: Path, name: str, progress: Progress) -> Backup:
    if (free := free_bytes(part.parent)) < (needed := _size(store.path) + MARGIN_BYTES):
        raise OSError(f"{free // 10**6} MB are free, and {needed // 10**6} are needed")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part, isolation_level=None)) as target, reading(store.path) as source:
        source.execute("BEGIN")  # one state from the first page to the last, whatever is written in the meantime
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
        source.backup(target, pages=PAGES, progress=lambda _, left, of: progress(of - left, of))
        target.execute("PRAGMA journal_mode=DELETE")  # one file, with no log file next to it
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
    """The newest first; a file that does not describe a backup is skipped."""
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
    """Reads a whole backup again; `public` is the key that must have signed it, by default the backup's own.

    Raises:
        BackupUnusable: it is damaged, or signed by another appliance.
    """
    path = folder / backup.file
    fix = "Use another backup"
    try:
        _settle(path)
        if path.name != backup.file or digest_of(path) != backup.sha256:
            raise BackupUnusable(f"{path} has changed since it was made", fix)
        found = faults(path, public or backup.public, whole=True, still=True)
    except (OSError, RecordsFull) as error:
        raise BackupUnusable(f"{path} cannot be read ({error})", fix) from error
    if found:
        raise BackupUnusable(f"{path} is damaged: {'; '.join(found)}", fix)


def thin_out(folder: Path) -> None:
    """Removes backups beyond `NEWEST` and `DAYS`, and copies that a power cut left unfinished.

    Raises:
        OSError: the disk refuses it.
    """
    found = backups_in(folder)
    days = {backup.at.date(): backup for backup in reversed(found)}  # the newest of each day, because it comes last
    stays = {backup.file for backup in (*found[:NEWEST], *(days[day] for day in sorted(days)[-DAYS:]))}
    for path in (*folder.glob("records-*.sqlite"), *folder.glob("records-*.part")):
        if path.name not in stays:
            path.with_suffix(".json").unlink(missing_ok=True)
            path.unlink()
    sync_folder(folder)


def free_bytes(folder: Path) -> int:
    """The bytes that this user can still write to the disk of a folder."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in (path, DataFolder(path.parent).records_log) if each.exists())


def _settle(path: Path) -> None:
    """Writes a file to the disk and out of the cache, so that it is read back from the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _copy_heads(data_dir: Path, folder: Path) -> None:
    """Outside the data folder they reveal an audit trail that was cut short."""
    heads = DataFolder(data_dir).audit_heads
    if heads.exists():
        replace_file(DataFolder(folder).audit_heads, heads.read_bytes())


def _copy_key(data_dir: Path, folder: Path) -> None:
    """Only into the data folder's own backups: the key must not leave the appliance."""
    key, copy = DataFolder(data_dir).audit_key, DataFolder(folder).audit_key
    if folder == DataFolder(data_dir).backups and not copy.exists():
        replace_file(copy, key.read_bytes(), mode=0o600)


def restore_key(data_dir: Path) -> None:
    """Restores a lost audit key from the backups.

    Raises:
        OSError: the disk refuses it.
    """
    data = DataFolder(data_dir)
    copy = DataFolder(data.backups).audit_key
    if copy.exists() and not data.audit_key.exists():
        replace_file(data.audit_key, copy.read_bytes(), mode=0o600)
