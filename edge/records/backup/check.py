"""Checks a backup folder completely. What cannot be checked is a fault: a folder without a backup is never whole."""

from dataclasses import dataclass
from pathlib import Path

from edge.records.backup.backups import Progress, no_progress, verify
from edge.records.backup.clip_copies import DIGESTS, check_copies
from edge.records.backup.description import Backup, backups_in, undescribed
from edge.records.errors import BackupUnusable

MAKE_ONE = "connect its disk, or make a backup with sonoedge backup make"


@dataclass(frozen=True, slots=True)
class Checked:
    """How many backups were checked, what is `bad`, and `remarks` on backups that are whole but that only a person may restore."""

    backups: int
    bad: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def check_folder(folder: Path, public: str, *, own: bool, progress: Progress = no_progress) -> Checked:
    """Reads every backup and every copy of a clip in a folder again; `public` (PEM) is this appliance's key.

    A backup that this key did not sign is a fault, except in the data folder's `own` backups: who can change those can also use the key.
    """
    backups = backups_in(folder)
    doubts = [f"{folder / backup.file} is not signed by this appliance: {doubt}" for backup in backups if (doubt := backup.doubt(public))]
    bad = [fault for backup in backups if (fault := _fault(folder, backup))]
    bad += [f"{path} cannot be checked: its description or its database is missing or damaged" for path in undescribed(folder)]
    bad += [*_bad_copies(folder, progress), *([] if own else doubts)]
    if not backups:
        bad.append(f"There is no backup in {folder}: {MAKE_ONE}" if folder.is_dir() else f"{folder} is not there: {MAKE_ONE}")
    return Checked(len(backups), tuple(bad), tuple(doubts) if own else ())


def _fault(folder: Path, backup: Backup) -> str:
    try:
        verify(folder, backup)
    except BackupUnusable as error:
        return error.what
    return ""


def _bad_copies(folder: Path, progress: Progress) -> list[str]:
    if not (folder / DIGESTS).exists():
        return []
    try:
        return [f"{folder / name} is missing or damaged" for name in check_copies(folder, progress)]
    except (OSError, ValueError) as error:
        return [f"{folder / DIGESTS} cannot be read ({error})"]
