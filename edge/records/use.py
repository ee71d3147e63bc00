"""Which processes use a data folder: one appliance and shell commands share it; replacing the database needs it alone."""

import fcntl
import os
from pathlib import Path

import structlog

from edge.disk.access import user_name
from edge.disk.durable import make_folder
from edge.disk.layout import DataFolder
from edge.records.errors import ApplianceRuns, RecordsFull, WrongUser

LOCKS = Path("/proc/locks")

log = structlog.get_logger()


class Use:
    """One user of the folder, by a file lock; any thread may leave. The system releases the lock when the process ends in any way."""

    def __init__(self, folder: Path) -> None:
        """Opens the lock without taking it.

        Raises:
            WrongUser: this is root, and the folder belongs to another user.
            RecordsFull: the folder cannot be made or written.
        """
        _require_owner(folder)
        try:
            make_folder(folder)
            self._lock = os.open(DataFolder(folder).records_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise _unusable(folder, error) from error
        self._left = False

    def alone(self) -> bool:
        """Whether no other process uses the folder now; if so, no other process can until this one shares it or leaves."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def share(self) -> None:
        """Waits until no process uses the folder alone."""
        fcntl.flock(self._lock, fcntl.LOCK_SH)

    def leave(self) -> None:
        """Safe to call twice."""
        if not self._left:
            self._left = True
            os.close(self._lock)


class OnlyAppliance:
    """The one appliance of a data folder, by a lock on the folder itself, which needs no room on the disk and no file that can be removed.

    The system releases it when the process ends in any way.
    """

    def __init__(self, folder: Path) -> None:
        """Makes the folder if it is absent.

        Raises:
            ApplianceRuns: another appliance uses the folder.
            WrongUser: this is root, and the folder belongs to another user.
            RecordsFull: the folder cannot be made or opened.
        """
        _require_owner(folder)
        try:
            make_folder(folder)
            self._lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise _unusable(folder, error) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            running = _holder(self._lock)
            self.leave()
            who, stop = (f" (pid {running})", f"kill {running}") if running else ("", "Ctrl-C where it runs")
            fix = f"Open its page, or stop it first: {stop}; or give this one a folder of its own with SONOEDGE_DATA_DIR"
            raise ApplianceRuns(f"an appliance{who} already runs on {folder}", fix) from error
        except OSError as error:  # a file system without locks
            log.warning("a second appliance on this folder would not be noticed", folder=str(folder), problem=error.strerror)

    def leave(self) -> None:
        """Lets another appliance use the folder; to be called once."""
        os.close(self._lock)


def _holder(folder: int) -> int | None:
    """The process that has locked an open folder: of those with a lock (proc(5), /proc/locks), the one that has this folder open."""
    try:
        fields = [line.split() for line in LOCKS.read_text().splitlines()]
    except OSError:
        return None
    pids = [int(each[4]) for each in fields if len(each) > 4 and each[1] == "FLOCK" and each[3] == "WRITE" and each[4].isdecimal()]
    return next((pid for pid in dict.fromkeys(pids) if pid and _has_open(pid, os.fstat(folder))), None)


def _has_open(pid: int, folder: os.stat_result) -> bool:
    try:
        return any(_is_same(each, folder) for each in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it has ended, or belongs to another user
        return False


def _is_same(path: Path, other: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), other)
    except OSError:
        return False


def _unusable(folder: Path, error: OSError) -> RecordsFull:
    return RecordsFull(
        f"{folder} cannot be written ({error.strerror})", "Set data_dir to a folder that this user may write, or free some room"
    )


def _require_owner(folder: Path) -> None:
    try:
        owner = folder.stat().st_uid
    except OSError:
        return  # what is wrong is reported where the folder is used
    if os.geteuid() == 0 != owner:
        name = user_name(owner)
        raise WrongUser(f"{folder} belongs to {name}, and this command runs as root", f"Run it as that user: sudo -u {name} sonoedge ...")
