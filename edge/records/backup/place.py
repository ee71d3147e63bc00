"""Whether the disk of a backup folder is there: a folder that no backup was made in before has to be on another disk.

The data folder stores the mount point under which each folder had its last backup. A folder that lies less deep now has lost its disk.
A person can accept a folder on the same disk. One that an earlier release used there stays in use, and a notice states it once.
"""

from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from edge.disk.durable import replace_file
from edge.disk.layout import DataFolder
from edge.disk.mount import mount_of, no_other_disk, shared_disk
from edge.disk.plain_file import read_plain
from edge.records.backup.description import backups_in
from edge.records.errors import BackupFailed

MOST_BYTES = 1_000_000
ON_PURPOSE = "If the folder is on this disk on purpose, run sonoedge backup make FOLDER --same-disk once"
FIX = f"Connect the disk and mount it. {ON_PURPOSE}"

Content = TypeVar("Content")
_PLACES = TypeAdapter(dict[str, str])
_FOLDERS = TypeAdapter(list[str])


def require_disk(data_dir: Path, folder: Path) -> None:
    """Refuses a folder whose disk is not there; the folder need not exist.

    Raises:
        BackupFailed: see above.
    """
    if why := absent_disk(data_dir, folder):
        raise BackupFailed(f"no backup was made in {folder}: {why}", FIX)


def absent_disk(data_dir: Path, folder: Path) -> str:
    """Why the disk of a backup folder seems not to be there; empty where it is there."""
    before = _places(data_dir).get(str(folder.resolve()))
    if before is None:
        return no_other_disk(folder, data_dir)
    if not mount_of(folder).is_relative_to(before):
        return f"the disk that was mounted in {before} is not there"
    if (shared := shared_disk(folder, data_dir)) and not backups_in(folder):
        return f"the backups that were there are gone, and {shared}"
    return ""


def unstated(data_dir: Path, folder: Path) -> str:
    """With what a backup folder shares its disk, where nobody accepted that and no notice named it; otherwise empty."""
    shared = shared_disk(folder, data_dir)
    return "" if str(folder.resolve()) in _stated(data_dir) else shared


def note_shared(data_dir: Path, folder: Path) -> None:
    """Stores that a person accepted the folder on the same disk, or that a notice names it; that survives a power cut.

    Raises:
        OSError: the disk refuses it.
    """
    stated = _stated(data_dir)
    if (name := str(folder.resolve())) not in stated:
        replace_file(DataFolder(data_dir).backup_same_disk, _FOLDERS.dump_json([*stated, name], indent=1))


def remember(data_dir: Path, folder: Path) -> None:
    """Stores where the folder is mounted now; that survives a power cut.

    Raises:
        OSError: the disk refuses it.
    """
    places = _places(data_dir)
    now = {str(folder.resolve()): str(mount_of(folder))}
    if places | now != places:
        replace_file(DataFolder(data_dir).backup_places, _PLACES.dump_json(places | now, indent=1))


def _places(data_dir: Path) -> dict[str, str]:
    """The mount point of each folder."""
    return _read(DataFolder(data_dir).backup_places, _PLACES, {})


def _stated(data_dir: Path) -> list[str]:
    return _read(DataFolder(data_dir).backup_same_disk, _FOLDERS, [])


def _read(path: Path, form: TypeAdapter[Content], none: Content) -> Content:
    """A file that cannot be read is as none, and the next backup writes it again."""
    try:
        return form.validate_json(read_plain(path, MOST_BYTES))
    except (OSError, ValueError):
        return none
