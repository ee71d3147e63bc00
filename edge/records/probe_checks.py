"""Every check of every probe, one journal for each serial number; checks are added and never changed."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from edge.disk.durable import replace_file
from edge.disk.journal import Journal
from edge.notice import NOTICE
from firmware_bridge.errors import DiskRefuses

UNKNOWN = "unknown"
"""The file of all probes that report no serial number."""
UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
LONGEST_NAME = 60


class RecordsFailed(DiskRefuses):
    """The disk refuses to write or read the checks."""

    code = "records-failed"


class DeadRun(BaseModel):
    """Neighbouring elements, counted from 0 at the left edge of the image; mm along the array, null where the scale is unknown."""

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
    """One check. Brightness is in grey levels; values that were not measured are null or empty.

    `profile` is how much brighter each element is than the rest. `band` is the usual grey level by depth below the array, `level` its peak.
    `loss` and `correlation` compare it with the baseline made at `baseline_at`. `picture` is the band itself by element and depth, in
    base64. `notices` are for a person to read; they change no verdict.
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
    """A probe's checks, oldest first, and the numbers of the unreadable lines, counted from 1."""

    checks: tuple[ProbeCheck, ...] = ()
    damaged: tuple[int, ...] = ()

    @property
    def baseline(self) -> ProbeCheck | None:
        """The newest baseline."""
        return next((check for check in reversed(self.checks) if check.is_baseline), None)


class ProbeChecks:
    """The folder in which the checks are stored."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, serial_number: str) -> Path:
        """The file of a serial number, whatever characters it has."""
        name = serial_number or UNKNOWN
        safe = UNSAFE.sub("-", name)[:LONGEST_NAME]
        if safe != name or (serial_number and name == UNKNOWN):
            safe += "-" + hashlib.sha256(name.encode()).hexdigest()[:12]
        return self._folder / f"{safe}.jsonl"

    def history(self, serial_number: str) -> History:
        """All checks of a probe.

        Raises:
            RecordsFailed: the file exists but cannot be read.
        """
        journal = Journal(self.path(serial_number))
        try:
            lines = journal.read(ProbeCheck.model_validate_json)
        except OSError as error:
            raise RecordsFailed(f"{journal.path} cannot be read ({error.strerror})", "Give this user the right to read it") from error
        return History(lines.good, lines.damaged)

    def add(self, check: ProbeCheck) -> Path:
        """Adds a check to its probe's file; once this returns it survives a power cut.

        Raises:
            RecordsFailed: the disk is full or not writable.
        """
        path = self.path(check.serial_number)
        try:
            Journal(path).append(check.model_dump(mode="json"))
        except OSError as error:
            raise RecordsFailed(
                f"{path} cannot be written ({error.strerror})", "Free some room, or give this user the right to write it"
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
