"""Where the checks look: the board of this moment, or a folder of a test that has the same files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from provisioning.boot.place import Place


def _wall() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class Board:
    """`data` is the data folder, `floor` the time floor, `root` holds `sys`, `proc` and `run`; `place` is the folder of the program."""

    data: Path
    floor: datetime
    root: Path = Path("/")
    clock: Callable[[], datetime] = _wall
    place: Place | None = None

    def text(self, name: str) -> str:
        """The text of a file below the root; empty where it is absent or the kernel does not answer."""
        return read_text(self.root / name)


def read_text(path: Path) -> str:
    """The text of a file of the kernel; empty where it is absent or the kernel does not answer."""
    try:
        return path.read_bytes().decode(errors="replace").strip("\0 \n")
    except OSError:
        return ""


def read_number(path: Path, base: int = 10) -> int | None:
    """The number in a file of the kernel; None where there is none."""
    try:
        return int(read_text(path), base)
    except ValueError:
        return None
