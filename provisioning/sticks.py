"""Finds the stick with releases: by what it holds, not by its label."""

from collections.abc import Iterable
from pathlib import Path

from edge.disk.mounts import unescaped
from provisioning.codes import ProvisionRefused
from provisioning.trust.source import METADATA, ON_STICK

MOUNTS = Path("/proc/self/mounts")
PLACES = ("/media/", "/mnt/", "/run/media/")
"""Where a board mounts sticks."""


def mounted(text: str) -> list[Path]:
    """The folders below `PLACES` at which something is mounted, from the text of /proc/self/mounts (fstab(5))."""
    points = (unescaped(fields[1]) for line in text.splitlines() if len(fields := line.split(" ")) > 1)
    return [Path(point) for point in points if f"{point}/".startswith(PLACES)]


def is_ours(mounted: Path) -> bool:
    """Whether a stick holds releases, or says that it does."""
    return (mounted / ON_STICK / METADATA).is_dir()


def the_stick(found: Iterable[Path] | None = None) -> Path:
    """The one mounted stick that holds releases.

    Raises:
        ProvisionRefused: E-NO-STICK, there is none, or more than one.
    """
    points = mounted(MOUNTS.read_text()) if found is None else found
    holding = sorted({point for point in points if is_ours(point)})
    if len(holding) == 1:
        return holding[0]
    if holding:
        named = ", ".join(map(str, holding))
        raise ProvisionRefused("E-NO-STICK", f"more than one stick holds releases: {named}", "Name the folder of one of them")
    raise ProvisionRefused("E-NO-STICK", "no mounted stick holds releases", "Insert the stick and mount it, or name its folder")
