"""The board under the appliance: how hot it is, and how much of its disk is free."""

import shutil
from dataclasses import dataclass
from pathlib import Path

ZONES = Path("/sys/class/thermal")
PLAUSIBLE_C = (-40.0, 150.0)
"""Some boards have zones without a sensor, which state -273 or 0 degrees above all reason."""


@dataclass(frozen=True, slots=True)
class Board:
    """The hottest zone in degrees Celsius, and the bytes of the disk; None where the board does not state it."""

    temperature_c: float | None = None
    disk_bytes: int | None = None
    disk_free_bytes: int | None = None


def board_of(folder: Path, zones: Path = ZONES) -> Board:
    """The board of this moment, with the disk of `folder`, which need not exist yet."""
    existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    try:
        disk = shutil.disk_usage(existing)
    except OSError:
        return Board(hottest_c(zones))
    return Board(hottest_c(zones), disk.total, disk.free)


def hottest_c(zones: Path = ZONES) -> float | None:
    """The temperature of the hottest thermal zone of Linux; None without one."""
    measured = (_measured_c(zone) for zone in zones.glob("thermal_zone*/temp"))
    return max((each for each in measured if each is not None and PLAUSIBLE_C[0] < each < PLAUSIBLE_C[1]), default=None)


def _measured_c(zone: Path) -> float | None:
    try:
        return int(zone.read_text()) / 1000
    except (OSError, ValueError):
        return None
