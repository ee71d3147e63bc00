"""Room on the disk of a data folder: whether it takes what an exam records."""

import os
import tempfile
from pathlib import Path

from firmware_bridge.errors import DiskRefuses
from firmware_bridge.recorder import FREE_FLOOR_BYTES

FIX = "Free some room: move recordings away, or let retention remove clips that were sent (keep_days, free_floor_mb)"


class NoRoom(DiskRefuses):
    """The disk has too little room, or takes no writes at all: no clip and no recording is stored."""

    code = "no-room"
    says_code = "no_room"


def free_bytes(folder: Path) -> int:
    """The bytes that this user can still write to the disk of a folder."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def shortage(folder: Path) -> NoRoom | None:
    """Why the disk of a folder takes no recording; None where it takes one. The text does not change while the shortage lasts."""
    try:
        disk = os.statvfs(folder)
    except OSError as error:
        return NoRoom(f"{folder} cannot be used ({error.strerror})", "Check that its disk is connected and mounted", says="disk_missing")
    if disk.f_flag & os.ST_RDONLY:
        return NoRoom(
            f"the disk of {folder} takes no writes: it is mounted read-only",
            "Check the disk, and mount it with write access",
            says="disk_read_only",
        )
    if disk.f_bavail * disk.f_frsize < FREE_FLOOR_BYTES:
        return NoRoom(f"the disk of {folder} is full: less than {FREE_FLOOR_BYTES // 10**6} MB are free", FIX)
    if disk.f_files and not disk.f_favail:
        return NoRoom(f"the disk of {folder} is full: it takes no more files", "Remove files that are not needed")
    return None


def takes_writes(folder: Path, count: int) -> bool:
    """Whether the disk takes this many bytes, in a file without a name, of which nothing is left."""
    try:
        if free_bytes(folder) < count:  # no write wears the disk while it is full
            return False
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(count))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return False
    return True
