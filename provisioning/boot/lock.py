"""The lock on the boot records: no other command changes them meanwhile."""

import fcntl
import os
from pathlib import Path
from threading import RLock

OWNER_ONLY = 0o600


class Alone:
    """A context that waits for the lock of the file at `path`; the thread that has it may enter it again."""

    def __init__(self, path: Path) -> None:
        self._path, self._turn, self._depth, self._descriptor = path, RLock(), 0, -1

    def __enter__(self) -> None:
        self._turn.acquire()
        if not self._depth:
            try:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, OWNER_ONLY)
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            except OSError:
                self._turn.release()
                raise
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            os.close(self._descriptor)
        self._turn.release()
