"""Which processes use a data folder: the appliance and shell commands share it; replacing the database needs it alone."""

import fcntl
import os
import pwd
from pathlib import Path

from edge.disk.durable import make_folder
from edge.disk.layout import DataFolder
from edge.records.errors import RecordsFull, WrongUser


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
            fix = "Set data_dir to a folder that this user may write, or free some room"
            raise RecordsFull(f"{folder} cannot be written ({error.strerror})", fix) from error
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


def _require_owner(folder: Path) -> None:
    try:
        owner = folder.stat().st_uid
    except OSError:
        return  # what is wrong is reported where the folder is used
    if os.geteuid() == 0 != owner:
        name = _name_of(owner)
        raise WrongUser(f"{folder} belongs to {name}, and this command runs as root", f"Run it as that user: sudo -u {name} sonoedge ...")


def _name_of(user: int) -> str:
    """As sudo takes it: a user without a name is `#` and its number."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"
