"""Backups of the database: made while the appliance runs, checked before they count, and thinned out."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from edge.disk.digest import digest_of
from edge.disk.durable import OWNER, replace_file, sync_folder, time_stamp, unused
from edge.disk.layout import DataFolder
from edge.disk.plain_file import open_plain
from edge.disk.room import free_bytes
from edge.records.backup.description import DATABASES, Backup, backups_in, own_backups
from edge.records.errors import BackupFailed, BackupUnusable, RecordsFull
from edge.records.integrity import NO_TIP, faults, reading, tip_of
from edge.records.revision import revision_of
from edge.records.store import Store

NEWEST, DAYS = 3, 7
"""How many of the newest backups stay, and for how many of the last days the newest backup of the day stays."""
PAGES = 2000
"""Copied at once, 8 MB; progress is reported after each piece."""
MARGIN_BYTES = 10_000_000

Progress = Callable[[int, int], None]
"""Receives how much is done, and of how much."""


def no_progress(done: int, of: int) -> None:
    """For callers that do not show progress."""


def make_backup(store: Store, folder: Path, progress: Progress = no_progress) -> Backup:
    """Copies the database into a folder; once this returns, the copy is whole, checked, and survives a power cut.

    Raises:
        BackupFailed: the folder or its disk refuses it, or the copy is damaged; earlier backups are still there.
        RecordsGone: the records are no longer at their path.
    """
    try:
        store.require_in_place()
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
        _copy_keys(store.path.parent, folder)
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
    size, number = part.stat().st_size, _next_number(store, part.parent)
    facts = {"at": tip.at, "seq": tip.seq, "hash": tip.hash, "public": store.seal.public}
    return Backup.model_validate({"file": name, "number": number, "sha256": digest_of(part), "bytes": size, **facts}).signed(store.seal)


def _next_number(store: Store, folder: Path) -> int:
    """Outside the data folder only a signed number counts: any other may be of any size."""
    known = (*backups_in(DataFolder(store.path.parent).backups), *own_backups(folder, store.seal.public))
    return 1 + max((backup.number for backup in known), default=0)


def verify(folder: Path, backup: Backup, public: str | None = None) -> None:
    """Reads a whole backup again; `public` is the key that must have signed it, by default the backup's own if it is signed at all.

    Raises:
        BackupUnusable: it is damaged, or signed by another appliance.
    """
    path = folder / backup.file
    fix = "Use another backup"
    if public is not None and (doubt := backup.doubt(public)):
        raise BackupUnusable(f"{path} is not signed by this appliance: {doubt}", fix)
    if backup.signature and not backup.signed_by(backup.public):
        raise BackupUnusable(f"{path.with_suffix('.json')} has changed since it was made", fix)
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
    for path in (*folder.glob(DATABASES), *folder.glob("records-*.part")):
        if path.name not in stays:
            path.with_suffix(".json").unlink(missing_ok=True)
            path.unlink()
    sync_folder(folder)


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in (path, DataFolder(path.parent).records_log) if each.exists())


def _settle(path: Path) -> None:
    """Writes a file to the disk and out of the cache, so that it is read back from the disk."""
    with open_plain(path) as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _copy_heads(data_dir: Path, folder: Path) -> None:
    """Outside the data folder they reveal an audit trail that was cut short."""
    heads = DataFolder(data_dir).audit_heads
    if heads.exists():
        replace_file(DataFolder(folder).audit_heads, heads.read_bytes())


def _copy_keys(data_dir: Path, folder: Path) -> None:
    """Only into the data folder's own backups: the keys must not leave the appliance."""
    if folder == DataFolder(data_dir).backups:
        _copy_missing(DataFolder(data_dir), DataFolder(folder))


def restore_keys(data_dir: Path) -> None:
    """Restores a lost audit key, and the lost secret of the pseudonyms, from the backups.

    Raises:
        OSError: the disk refuses it.
    """
    data = DataFolder(data_dir)
    _copy_missing(DataFolder(data.backups), data)


def _copy_missing(source: DataFolder, target: DataFolder) -> None:
    for key, copy in ((source.audit_key, target.audit_key), (source.pseudonym_key, target.pseudonym_key)):
        if key.exists() and not copy.exists():
            replace_file(copy, key.read_bytes(), OWNER)
