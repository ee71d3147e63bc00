"""The sticks that are mounted now: disks other than those of the records and of the system, which this user sees."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge.disk import mount
from edge.disk.mounts import DEVICES, MOUNTS, Mount, mounts_in, on_sticks

LABELS = Path("/dev/disk/by-label")
BLOCK = Path("/sys/dev/block")
ID = 16
"""Characters of an id, in hexadecimal."""


@dataclass(frozen=True, slots=True)
class FoundStick:
    """A stick by its id, which another stick at the same folder does not get. `name` is its label, or else the name of its folder.

    `free` and `size` are in bytes, `free` for this user. `removable`: people take this disk away, as one at a USB port.
    """

    id: str
    name: str
    folder: Path
    writable: bool
    free: int
    size: int
    removable: bool


def sticks(data_dir: Path) -> tuple[FoundStick, ...]:
    """Those below the folders in which sticks are mounted (`edge.disk.mount.STICKS`): first what is removable, then by their names."""
    found = _sticks(data_dir, MOUNTS.read_text(errors="surrogateescape"))
    return tuple(sorted(found, key=lambda each: (not each.removable, each.name, str(each.folder))))


def _sticks(data_dir: Path, text: str) -> Iterator[FoundStick]:
    for each in on_sticks(mounts_in(text), mount.STICKS):
        if each.source.startswith(DEVICES) and not Path(each.source).exists():
            continue  # pulled out: only its mount point is left
        with suppress(OSError):
            disk, writes = os.statvfs(each.point), os.access(each.point, os.W_OK)
            if not mount.no_other_disk(each.point, data_dir):
                label = _label(each)
                yield FoundStick(
                    id=_id(each, label),
                    name=label or os.fsencode(each.point.name).decode(errors="replace"),
                    folder=each.point,
                    writable=each.writable and writes,
                    free=disk.f_bavail * disk.f_frsize,
                    size=disk.f_blocks * disk.f_frsize,
                    removable=_removable(each),
                )


def _id(found: Mount, label: str) -> str:
    facts = "\n".join((found.number, found.device, str(found.point), found.source, label))
    return hashlib.sha256(facts.encode(errors="surrogateescape")).hexdigest()[:ID]


def _label(found: Mount) -> str:
    """The name that a person gave the stick; udev(7) writes other characters than letters as their bytes."""
    with suppress(OSError):
        for link in sorted(LABELS.iterdir()):
            if link.resolve() == Path(found.source).resolve():
                name = re.sub(rb"\\x([0-9a-f]{2})", lambda byte: bytes((int(byte[1], 16),)), os.fsencode(link.name))
                return name.decode(errors="replace")
    return ""


def _removable(found: Mount) -> bool:
    """Whether the disk is at a USB port, or the system states so of the disk: of a partition it states nothing."""
    block = (BLOCK / found.device).resolve()
    if any(part.startswith("usb") for part in block.parts):
        return True
    for each in (block, block.parent):
        with suppress(OSError):
            return (each / "removable").read_text().strip() == "1"
    return False
