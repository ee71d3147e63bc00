"""Replaces the database; the old one goes to the quarantine, and the new one already reports what was lost."""

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from edge.disk.digest import digest_of
from edge.disk.durable import sync_file, sync_folder
from edge.disk.layout import DataFolder
from edge.records.audit.chain import REPLACED
from edge.records.audit.entry import Detail
from edge.records.audit.heads import Heads
from edge.records.audit.seal import Seal
from edge.records.backup.backups import restore_keys, verify
from edge.records.backup.description import Backup, backups_in
from edge.records.backup.quarantine import put_aside
from edge.records.clock import Now, wall
from edge.records.errors import BackupUnusable, RecordsFull, RecordsInUse
from edge.records.integrity import is_still, reading, tip_of
from edge.records.notices import APPLIANCE, add_notice
from edge.records.people.claim_mark import ClaimMark
from edge.records.store import Store, sealed
from edge.records.use import Use

RESTORED, STARTED_EMPTY = "records-restored", "records-begun-anew"
COMPARE = "Compare the reports and paper records of each exam since then, and enter again what is missing; nothing was deleted"
CHECK = "Check who is in the list of operators before anybody scans"
FIND_ONE = "Find a backup and restore it with sonoedge backup restore, or start the exams again; nothing was deleted"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Cause:
    """`why` the records are replaced, `by` whom, the clock to use, and the newest backup that is `unsigned` and was left therefore."""

    why: str
    by: str = APPLIANCE
    now: Now = wall
    unsigned: Path | None = None


def restore(data_dir: Path, folder: Path, backup: Backup, cause: Cause) -> None:
    """Goes back to a backup. After a power cut the present or the restored database is there, or the next start restores again.

    Raises:
        RecordsInUse: another process uses the records.
        BackupUnusable: the backup is damaged.
        RecordsFull: the disk refuses it.
    """
    use = Use(data_dir)
    try:
        if not use.alone():
            raise RecordsInUse(f"the records in {data_dir} are in use", "Stop the appliance and all other sonoedge commands first")
        restore_keys(data_dir)
        verify(folder, backup)
        replace(data_dir, (folder, backup), cause)
    finally:
        use.leave()


def replace(data_dir: Path, source: tuple[Path, Backup] | None, cause: Cause) -> None:
    """For callers that are alone and have verified the backup: replaces the records by it, or without a backup by an empty database.

    Raises:
        BackupUnusable: the disk of the backup now reads other bytes than those that were verified.
        RecordsFull, RecordsUnusable: the disk refuses it, or the backup needs a newer program.
    """
    data = DataFolder(data_dir)
    fresh, path = data.fresh_records, data.records
    try:
        for left in data_dir.glob(f"{fresh.name}*"):
            left.unlink()
        if source is not None:
            _copy(*source, fresh)
        elif not (mark := ClaimMark(data_dir, Seal.of(data_dir))).present:
            mark.put()  # nobody knows who was enrolled, so the appliance is not anybody's to claim
        _write_down(data_dir, fresh, source[1] if source else None, cause)
        sync_file(fresh)
        put_aside(data_dir, [path, data.records_log, data.records_index], cause.why)
        fresh.replace(path)
        sync_folder(data_dir)
    except OSError as error:
        fix = "Free some room, or set data_dir to another disk"
        raise RecordsFull(f"{path} cannot be replaced ({error.strerror or error})", fix) from error


def _copy(folder: Path, backup: Backup, fresh: Path) -> None:
    shutil.copyfile(folder / backup.file, fresh)
    if digest_of(fresh) != backup.sha256:
        raise BackupUnusable(f"{folder / backup.file} has changed since it was made", "Use another backup")


def _write_down(data_dir: Path, fresh: Path, backup: Backup | None, cause: Cause) -> None:
    """Adds the notice and the audit entry to the new database before it is in place, so that no replacement is silent."""
    known = known_entries(data_dir)
    store = Store(fresh, Seal.of(data_dir), cause.now)
    try:
        store.bring_up_to_date()
        notice = _restored(backup, store.seal.public, cause, known) if backup else _started_empty(cause, known)
        with store.write(taking_over=backup is not None and backup.public != store.seal.public) as change:
            detail: Detail = {"why": cause.why, "backup": backup.file if backup else None, "known": known}
            change.log(cause.by, REPLACED, "records", detail)
            add_notice(change, *notice)
    finally:
        store.close()


def _restored(backup: Backup, public: str, cause: Cause, known: int) -> tuple[str, str, str]:
    lost = max(0, known - backup.seq)
    what = f"The records were replaced by the backup of {backup.at:%Y-%m-%d %H:%M} UTC ({cause.why}); "
    what += f"at least {lost} later entries of the audit trail are lost" if lost else "no later entry of the audit trail is known"
    if doubt := backup.doubt(public):
        return RESTORED, f"{what}. This appliance did not sign the backup: {doubt}", f"{CHECK}. {COMPARE}"
    return RESTORED, what + _left(cause), COMPARE


def _started_empty(cause: Cause, known: int) -> tuple[str, str, str]:
    what = f"The records could not be used ({cause.why}) and there is no good backup: new, empty records were made"
    return STARTED_EMPTY, what + f"; at least {known} entries of the audit trail are lost" * bool(known) + _left(cause), FIND_ONE


def _left(cause: Cause) -> str:
    return f"; {cause.unsigned} was not used, because this appliance did not sign it" if cause.unsigned else ""


def known_entries(data_dir: Path) -> int:
    """How many audit entries there were at least, by the signed heads, and by the database itself where it can still be read."""
    seal, known = Seal.of(data_dir), 0
    with suppress(RecordsFull):
        known = max((head.seq for head in Heads(data_dir).stored(seal).heads), default=0)
    path = DataFolder(data_dir).records
    with suppress(sqlite3.Error, RecordsFull, TypeError, ValueError, OverflowError), reading(path, still=is_still(path)) as connection:
        tip = tip_of(connection)
        known = max(known, tip.seq if seal.holds(sealed(tip.seq, tip.hash), tip.signature) else 0)
    return known


def newest_good(folders: Iterable[Path], public: str) -> tuple[Path, Backup] | None:
    """The newest backup that is whole and that the key `public` (PEM) signed, and its folder."""
    for folder, backup in _newest_first(folders):
        try:
            verify(folder, backup, public)
        except BackupUnusable as error:
            log.warning("a backup is not usable", problem=error.what)
        else:
            return folder, backup
    return None


def newest_unsigned(folders: Iterable[Path], public: str) -> Path | None:
    """The newest backup that only a person may restore."""
    return next((folder / backup.file for folder, backup in _newest_first(folders) if backup.doubt(public)), None)


def _newest_first(folders: Iterable[Path]) -> list[tuple[Path, Backup]]:
    found = [(folder, backup) for folder in folders for backup in backups_in(folder)]
    return sorted(found, key=lambda each: each[1].number, reverse=True)
