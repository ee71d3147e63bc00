"""Whether a folder is on another disk: the mount point that a pulled stick leaves behind is an empty folder on the system's disk.

A disk shows in the number of its file system (`st_dev`). A folder that is meant for another disk must not have the number of the data
folder's file system, nor that of the system's.
"""

import os
from contextlib import suppress
from pathlib import Path

from edge.disk.mounts import IN_MEMORY, MOUNTS, mounts_in, unescaped

STICKS = (Path("/media"), Path("/run/media"), Path("/mnt"))
"""Other disks are mounted in these folders (FHS 3.0, 3.11 and 3.12)."""
FSTAB = Path("/etc/fstab")
SYSTEM = Path("/")


def no_other_disk(folder: Path, data_dir: Path) -> str:
    """Why a folder is not on another disk than the data and the system; empty where it is. The folder need not exist."""
    return _unmounted(folder) or shared_disk(folder, data_dir)


def shared_disk(folder: Path, data_dir: Path) -> str:
    """With what a folder shares its file system; empty where it is on one of its own."""
    device = device_of(folder)
    if device == device_of(data_dir):
        return "it is on the same disk as the records"
    return "it is on the disk of the system" if device == device_of(SYSTEM) else ""


def device_of(folder: Path) -> int:
    """The number of the file system on which a folder is, or on which it would be made."""
    there = folder.resolve()
    for each in (there, *there.parents):
        with suppress(OSError):  # absent, or on a disk that answers no more
            return each.stat().st_dev
    return SYSTEM.stat().st_dev


def mount_of(folder: Path) -> Path:
    """The mount point of the disk on which a folder is, or on which it would be made."""
    there = folder.resolve()
    return next(each for each in (there, *there.parents) if os.path.ismount(each) or each == each.parent)


def _unmounted(folder: Path) -> str:
    """Where a disk should be mounted for this folder and none is: a folder in memory is no disk, whatever its number.

    `/run` is in memory, and `/media` can be: there the folder that a pulled stick leaves behind would take files that are soon lost.
    """
    wanted = next((place for place in (*_in_fstab(), *STICKS) if folder.resolve().is_relative_to(place.resolve())), None)
    if wanted is None:
        return ""
    there = mount_of(folder)
    is_mounted = there.is_relative_to(wanted) and not (there == wanted.resolve() and _is_in_memory(there))
    return "" if is_mounted else f"no disk is mounted in {wanted}"


def _is_in_memory(point: Path) -> bool:
    try:
        mounted = mounts_in(MOUNTS.read_text(errors="surrogateescape"))
    except OSError:
        return False
    return any(each.point == point and each.kind == IN_MEMORY for each in mounted)


def _in_fstab() -> list[Path]:
    """The mount points of the system's table, the deepest first; `/` is always mounted."""
    try:
        lines = FSTAB.read_text(errors="replace").splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines if not line.lstrip().startswith("#")]
    points = [Path(unescaped(each[1])) for each in fields if len(each) > 2 and each[1].startswith("/")]
    return sorted((point for point in points if point != point.parent), key=lambda point: -len(point.parts))
