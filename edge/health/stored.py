"""Questions of the doctor about what is stored: the data folder, the records and their backups."""

import os
import sqlite3
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from edge.disk.mount import shared_disk
from edge.disk.room import free_bytes, shortage
from edge.health.finding import Answer, Verdict
from edge.records.audit.seal import Seal
from edge.records.backup.description import Backup, backups_in
from edge.records.backup.place import absent_disk
from edge.records.errors import RecordsUnusable
from edge.records.integrity import faults, is_still, reading, revision_in, tip_of
from edge.records.revision import revision_of
from edge.settings import Settings
from firmware_bridge.errors import SonoEdgeError

BACKUP_OLDEST = timedelta(days=7)
"""The appliance itself makes a backup at least once a day while records change."""
NO_RECORDS = "nothing is recorded yet"


def data_folder(settings: Settings) -> Answer:
    folder = settings.data_dir
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Verdict.FAILED, f"{folder} cannot be written", "Set data_dir to a folder in which this user can write"
    if (short := shortage(existing)) is not None:
        return Verdict.FAILED, f"nothing is recorded in {folder}: {short.what}", short.fix
    return Verdict.OK, f"{folder} can be written, {free_bytes(existing) // 10**6} MB free", ""


def records(settings: Settings) -> Answer:
    """Only checks: a start of the appliance or `sonoedge backup` repairs the damage."""
    path = settings.data.records
    if not path.exists():
        return Verdict.OK, NO_RECORDS, ""
    return _unusable_records(path) or (Verdict.OK, "the records are complete", "")


def backups(settings: Settings) -> Answer:
    path = settings.data.records
    if not path.exists():
        return Verdict.OK, NO_RECORDS, ""
    newest = next(iter(backups_in(settings.data.backups)), None)
    if newest is None:
        return Verdict.ATTENTION, "there is no backup of the records", "Run sonoedge backup make"
    detail = f"the newest backup is of {newest.at:%Y-%m-%d %H:%M} UTC"
    if _behind(path, newest) > BACKUP_OLDEST:
        return Verdict.ATTENTION, f"{detail} and lacks more than {BACKUP_OLDEST.days} days of records", "Run sonoedge backup make"
    other = settings.backup_dir
    if other is not None and (not other.is_dir() or absent_disk(settings.data_dir, other)):
        return Verdict.ATTENTION, f"{detail}, but the disk of {other} is missing", "Plug in the second disk or stick"
    if other is None or shared_disk(other, settings.data_dir):
        return Verdict.ATTENTION, f"{detail} on the same disk", "Set backup_dir to a second disk or stick"
    return Verdict.OK, detail, ""


def _behind(path: Path, backup: Backup) -> timedelta:
    """For how long records were made that the backup lacks; none where they cannot be read, which `records` states."""
    with suppress(SonoEdgeError, sqlite3.Error, TypeError, OverflowError), reading(path, still=is_still(path)) as connection:
        if revision_of(connection).floor:
            return tip_of(connection).at - backup.at
    return timedelta(0)


def _unusable_records(path: Path) -> Answer | None:
    if found := faults(path, Seal.of(path.parent).public, whole=True, still=is_still(path)):
        return (
            Verdict.FAILED,
            f"{path} is damaged: {'; '.join(found)}",
            "Restart the appliance: it restores the newest backup and shows a notice",
        )
    try:
        revision_in(path).require_served()
    except RecordsUnusable as error:
        return Verdict.FAILED, error.what, error.fix
    return None
