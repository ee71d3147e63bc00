"""What the commands of `sonoedge provision` work on: the folder of the program, its slots, and the identity of the board."""

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.typed import typed
from edge.disk.access import require_access
from edge.disk.layout import DataFolder
from edge.settings import load_settings
from firmware_bridge.child import python
from provisioning.boot.files import RealFiles
from provisioning.boot.lock import Alone
from provisioning.boot.owner import as_owner
from provisioning.boot.place import DEFAULT, Place
from provisioning.boot.selector import Selector
from provisioning.clock import OLDEST
from provisioning.codes import CAUSES, ProvisionRefused
from provisioning.identity.device import Device, load_device
from provisioning.update.floors import floors_of

PRIVATE = 0o077
"""The umask of what is written in the data folder."""
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Root = Annotated[Path, typer.Option("--root", metavar="FOLDER", help="The folder of the program.", show_default=str(DEFAULT))]


@dataclass(frozen=True, slots=True)
class Installed:
    """A board. `selector` moves its slots, `data` is the data folder of its settings."""

    place: Place
    selector: Selector
    data: DataFolder

    @property
    def device(self) -> Device | None:
        """Its identity; None before `provision init`."""
        try:
            return load_device(self.data.identity)
        except ProvisionRefused as refused:
            if refused.cause == "E-NOT-SET-UP":
                return None
            raise

    @property
    def device_id(self) -> str:
        """Empty before `provision init`."""
        device = self.device
        return "" if device is None else device.id

    @property
    def time_floor(self) -> datetime:
        """The latest time that anybody signed, or that of the program."""
        return max(OLDEST, datetime.fromtimestamp(floors_of(self.selector.load()).time, timezone.utc))


def utc() -> datetime:
    """The time of this board."""
    return datetime.now(timezone.utc)


def installed(root: Path) -> Installed:
    """The board whose program is in `root`, to look at.

    Raises:
        FilesDenied: another user owns the data folder.
    """
    data = load_settings().data
    require_access(data.root, typed())
    place = Place(root.absolute())
    selector = Selector(RealFiles(), place, lambda: utc().isoformat(timespec="seconds"), Alone(place.lock))
    return Installed(place, selector, data)


def prepared(root: Path) -> Installed:
    """The same, to change: its folder exists, and this user is allowed to write in it.

    Raises:
        FilesDenied: another user owns the folder, or the data folder.
        ProvisionRefused: E-DISK, the folder cannot be made.
    """
    board = installed(root)
    require_access(board.place.root, typed())
    try:
        board.place.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what, next_step = f"{root} cannot be made ({error.strerror})", "Run this with sudo, or name another --root"
        raise ProvisionRefused("E-DISK", what, next_step) from error
    return board


def back_up(board: Installed) -> None:
    """Copies the records before a trial, as the user of the appliance; nothing where nothing is recorded yet.

    Raises:
        ProvisionRefused: E-BACKUP, they cannot be copied.
    """
    if not board.data.records.exists():
        return
    if why := failure_as_appliance(board, "backup", "make", str(board.data.backups)):
        raise ProvisionRefused("E-BACKUP", f"the records cannot be copied before the trial: {why}")


def as_appliance(board: Installed, *words: str) -> "subprocess.CompletedProcess[str]":
    """Runs `sonoedge` as the user of the appliance, whose files it writes."""
    how = as_owner(board.data.root)
    return subprocess.run(
        python("-m", "edge.cli", *words), **how, umask=PRIVATE, capture_output=True, text=True, errors="replace", check=False
    )


def failure_as_appliance(board: Installed, *words: str) -> str:
    """The same; returns why it failed, empty where it did not."""
    done = as_appliance(board, *words)
    if not done.returncode:
        return ""
    lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"status {done.returncode}"]
    return lines[-1].removeprefix("sonoedge: ").rstrip(".")


@contextmanager
def changing(board: Installed) -> Iterator[None]:
    """Only one command changes the slots at a time.

    Raises:
        ProvisionRefused: E-BUSY; E-NO-SPACE or E-DISK, the disk of the board refuses it.
        PermissionError: this user is not allowed to.
    """
    try:
        with _only_one(board.place.update_lock):
            yield
    except BlockingIOError as error:
        raise ProvisionRefused("E-BUSY", "another command changes the slots of this board") from error
    except PermissionError:
        raise
    except OSError as error:
        raise ProvisionRefused.by_disk(error) from error


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def explained(code: str, what: str) -> str:
    """What happened, what the device does now, and the next step, each on a line."""
    cause = CAUSES[code]
    return "\n".join(columns([(code, what + "."), ("now", cause.now + "."), ("next", cause.next_step + ".")]))
