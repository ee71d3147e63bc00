"""Whether the disk of a backup folder is there: the mount point of a stick that was pulled is an empty folder on the system's disk.

The data folder stores the mount point under which each folder had its last backup. A folder that lies less deep now has lost its disk.
"""

import os
import re
from pathlib import Path

from pydantic import TypeAdapter

from edge.disk.durable import replace_file
from edge.disk.layout import DataFolder
from edge.disk.plain_file import read_plain
from edge.records.backup.description import backups_in
from edge.records.errors import BackupFailed

STICKS = (Path("/media"), Path("/run/media"), Path("/mnt"))
"""Other disks are mounted in these folders (FHS 3.0, 3.11 and 3.12)."""
FSTAB = Path("/etc/fstab")
MOST_BYTES = 1_000_000
FIX = "Connect the disk and mount it. If the folder is on this disk on purpose, run sonoedge backup make FOLDER --same-disk once"

_PLACES = TypeAdapter(dict[str, str])


def require_disk(data_dir: Path, folder: Path) -> None:
    """Refuses a folder whose disk is not there; the folder need not exist.

    Raises:
        BackupFailed: see above.
    """
    if why := absent_disk(data_dir, folder):
        raise BackupFailed(f"no backup was made in {folder}: {why}", FIX)


def absent_disk(data_dir: Path, folder: Path) -> str:
    """Why the disk of a backup folder seems not to be there; empty where it is there."""
    mount, before = mount_of(folder), _places(data_dir).get(str(folder.resolve()))
    if before is None:
        wanted = next((place for place in (*_in_fstab(), *STICKS) if folder.resolve().is_relative_to(place.resolve())), mount)
        return "" if mount.is_relative_to(wanted) else f"no disk is mounted in {wanted}"
    if not mount.is_relative_to(before):
        return f"the disk that was mounted in {before} is not there"
    if mount == mount_of(data_dir) and not backups_in(folder):
        return "the backups that were there are gone, and it is on the same disk as the records"
    return ""


def remember(data_dir: Path, folder: Path) -> None:
    """Stores where the folder is mounted now; that survives a power cut.

    Raises:
        OSError: the disk refuses it.
    """
    places = _places(data_dir)
    now = {str(folder.resolve()): str(mount_of(folder))}
    if places | now != places:
        replace_file(DataFolder(data_dir).backup_places, _PLACES.dump_json(places | now, indent=1))


def mount_of(folder: Path) -> Path:
    """The mount point of the disk on which a folder is, or on which it would be made."""
    there = folder.resolve()
    return next(each for each in (there, *there.parents) if os.path.ismount(each) or each == each.parent)


def _places(data_dir: Path) -> dict[str, str]:
    """The mount point of each folder; a file that cannot be read is as none, and the next backup writes it again."""
    try:
        return _PLACES.validate_json(read_plain(DataFolder(data_dir).backup_places, MOST_BYTES))
    except (OSError, ValueError):
        return {}


def _in_fstab() -> list[Path]:
    """The mount points of the system's table, the deepest first; `/` is always mounted."""
    try:
        lines = FSTAB.read_text(errors="replace").splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines if not line.lstrip().startswith("#")]
    points = [Path(_unescaped(each[1])) for each in fields if len(each) > 2 and each[1].startswith("/")]
    return sorted((point for point in points if point != point.parent), key=lambda point: -len(point.parts))


def _unescaped(text: str) -> str:
    """Blanks are octal numbers there (fstab(5))."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
