"""Who uses a data folder: the appliance and the verbs of the shell share it, and what replaces the database needs it alone."""

import fcntl
import os
from pathlib import Path

from edge.disk.layout import DataFolder
from edge.records.errors import RecordsFull


class Use:
    """A place among those who use the folder; any thread may leave it. The system releases the lock when its process ends."""

    def __init__(self, folder: Path) -> None:
        """Takes no place yet.

        Raises:
            RecordsFull: the folder cannot be made or written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(DataFolder(folder).records_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            fix = "Set data_dir to a folder that this user may write, or free some room"
            raise RecordsFull(f"{folder} cannot be written ({error.strerror})", fix) from error
        self._left = False

    def alone(self) -> bool:
        """Whether nobody else uses it now; if so, nobody can until this shares it or leaves."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def share(self) -> None:
        """Waits for whoever needs it alone."""
        fcntl.flock(self._lock, fcntl.LOCK_SH)

    def leave(self) -> None:
        """Safe to call twice."""
        if not self._left:
            self._left = True
            os.close(self._lock)
