"""Every check of every probe, one file a serial number: a line is added and never changed, so that a cut of power costs at most the last.

A line that was cut short stays where it is, is told with its place, and the next one starts a line of its own.
"""

import fcntl
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from edge.disk.durable import replace_file, sync_folder
from edge.notice import NOTICE
from firmware_bridge.errors import DiskRefuses

FOLDER = "probe_checks"
"""Of the data folder."""
UNKNOWN = "unknown"
"""Under this name the checks of all probes are kept that tell no serial number."""
UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
LONGEST_NAME = 60


class RecordsFailed(DiskRefuses):
    """The disk took or gave nothing."""

    code = "records-failed"


class DeadRun(BaseModel):
    """Neighbouring elements, counted from 0 at the left edge of the image; mm along the array, null where the scale is not known."""

    model_config = ConfigDict(frozen=True)

    first: int
    last: int
    from_mm: float | None = None
    to_mm: float | None = None


class ReasonKept(BaseModel):
    """Why a verdict is not "pass", and the next step."""

    model_config = ConfigDict(frozen=True)

    code: str
    verdict: str
    says: str
    advice: str


class ProbeCheck(BaseModel):
    """One check. Brightness is in grey levels; what was not measured is null or empty.

    `profile` is how much brighter each element is than the rest, `band` the usual grey from the array downwards, `level` its peak; `loss`
    and `correlation` compare it with the baseline made at `baseline_at`; `picture` is the band itself, base64, by element and depth.
    `notices` are to be read by a person, but change no verdict.
    """

    model_config = ConfigDict(frozen=True)

    at: str
    serial_number: str
    device: str
    source: str
    simulated: bool
    verdict: str
    reasons: tuple[ReasonKept, ...]
    held: str | None = None
    frames: int = 0
    elements: int
    settings: dict[str, float | str | None] = {}
    profile: tuple[float, ...] = ()
    dead: tuple[DeadRun, ...] = ()
    spread: float | None = None
    level: float | None = None
    band: tuple[float, ...] = ()
    loss: float | None = None
    correlation: float | None = None
    baseline_at: str | None = None
    is_baseline: bool = False
    notices: tuple[str, ...] = ()
    picture: str = ""
    notice: str = NOTICE


@dataclass(frozen=True, slots=True)
class History:
    """A probe's checks, oldest first; `damaged` are the numbers of lines that could not be read, counted from 1."""

    checks: tuple[ProbeCheck, ...] = ()
    damaged: tuple[int, ...] = ()

    @property
    def baseline(self) -> ProbeCheck | None:
        """The newest baseline."""
        return next((check for check in reversed(self.checks) if check.is_baseline), None)


class ProbeChecks:
    """The folder in which the checks are kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, serial_number: str) -> Path:
        """A file for each serial number, whatever characters it has."""
        name = serial_number or UNKNOWN
        safe = UNSAFE.sub("-", name)[:LONGEST_NAME]
        if safe != name or (serial_number and name == UNKNOWN):
            safe += "-" + hashlib.sha256(name.encode()).hexdigest()[:12]
        return self._folder / f"{safe}.jsonl"

    def history(self, serial_number: str) -> History:
        """All that is known of a probe.

        Raises:
            RecordsFailed: the file is there but cannot be read.
        """
        path = self.path(serial_number)
        try:
            lines = path.read_bytes().split(b"\n") if path.exists() else []
        except OSError as error:
            raise RecordsFailed(f"{path} cannot be read ({error.strerror})", "Give this user the right to read it") from error
        checks, damaged = [], []
        for number, line in enumerate(lines, 1):
            try:
                checks += [ProbeCheck.model_validate_json(line)] if line.strip() else []
            except ValidationError:
                damaged.append(number)
        return History(tuple(checks), tuple(damaged))

    def add(self, check: ProbeCheck) -> Path:
        """Adds a check to its probe's file; it has reached the disk when this returns.

        Raises:
            RecordsFailed: the disk is full or may not be written.
        """
        path = self.path(check.serial_number)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with path.open("ab+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # a verb and the appliance may add at once
                line = check.model_dump_json().encode() + b"\n"
                file.write(line if _ends_whole(file.fileno()) else b"\n" + line)
                file.flush()
                os.fsync(file.fileno())
            sync_folder(self._folder)
        except OSError as error:
            raise RecordsFailed(
                f"{path} cannot be written ({error.strerror})", "Make room, or give this user the right to write it"
            ) from error
        return path

    def export(self, serial_number: str, out: Path) -> int:
        """Writes all checks of a probe as one JSON list, and returns how many.

        Raises:
            RecordsFailed: they cannot be read, or `out` cannot be written.
        """
        checks = self.history(serial_number).checks
        try:
            replace_file(out, TypeAdapter(tuple[ProbeCheck, ...]).dump_json(checks, indent=1) + b"\n")
        except OSError as error:
            raise RecordsFailed(
                f"{out} cannot be written ({error.strerror})", "Name a file in a folder that this user may write"
            ) from error
        return len(checks)


def _ends_whole(fd: int) -> bool:
    """Whether a file is empty or ends with a whole line."""
    size = os.fstat(fd).st_size
    return size == 0 or os.pread(fd, 1, size - 1) == b"\n"
