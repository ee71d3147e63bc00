"""The mounted file systems, read from the text of /proc/self/mountinfo (proc_pid_mountinfo(5))."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
IN_MEMORY = "tmpfs"
DEVICES = "/dev/"
BEFORE, AFTER = 6, 3
"""Fields before the mark `-`, without the optional ones, and after it."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system at a folder: the number of the mount and of its device (`8:17`), its type (`vfat`) and its source (`/dev/sdb1`)."""

    number: str
    device: str
    point: Path
    writable: bool
    kind: str
    source: str


def unescaped(text: str) -> str:
    """Blanks are octal numbers there, as in fstab(5)."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def mounts_in(text: str) -> tuple[Mount, ...]:
    """The mounts of which each is the last at its folder: it hides the earlier ones. A line of another form is left out."""
    found: dict[Path, Mount] = {}
    for line in text.split("\n"):  # a name may hold any other end of a line
        before, mark, after = line.partition(" - ")
        fields, facts = before.split(" "), after.split(" ")
        if mark and len(fields) >= BEFORE and len(facts) == AFTER:
            number, _, device, _, point, options = fields[:BEFORE]
            kind, source, more = facts
            writable = "rw" in options.split(",") and "rw" in more.split(",")
            path = Path(unescaped(point))
            found.pop(path, None)
            found[path] = Mount(number, device, path, writable, kind, unescaped(source))
    return tuple(found.values())


def on_sticks(mounts: Iterable[Mount], places: Iterable[Path]) -> tuple[Mount, ...]:
    """The mounts that can be sticks: below one of the places, or at it, of a device of this machine; below it also one in memory.

    A disk of the network is none: where its server is away, every look at it waits.
    """
    there = tuple(places)
    return tuple(each for each in mounts if any(_belongs(each, place) for place in there))


def _belongs(mount: Mount, place: Path) -> bool:
    if not mount.point.is_relative_to(place):
        return False
    return mount.source.startswith(DEVICES) or (mount.kind == IN_MEMORY and mount.point != place)
