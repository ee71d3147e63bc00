"""Which processes use a data folder: the appliance and shell commands share it; replacing the database needs it alone."""

import fcntl
import os
from pathlib import Path

from edge.disk.durable import make_folder
from edge.disk.layout import DataFolder
from edge.records.errors import RecordsFull


class Use:
    """One user of the folder, by a file lock; any thread may leave. The system releases the lock when the process ends in any way."""

    def __init__(self, folder: Path) -> None:
        """Opens the lock without taking it.

        Raises:
            RecordsFull: the folder cannot be made or written.
        """
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
