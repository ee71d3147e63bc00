"""Anchor: whether a path still leads to the file or folder that is open.

A folder that was removed, moved, replaced or unmounted still takes the writes of a program that has its files open, and nobody finds them.
"""

import errno
import os
from pathlib import Path

_IN_USE: list["Anchor"] = []
"""The folders that this process has in use."""


class Anchor:
    """One open file or folder; any thread may ask."""

    def __init__(self, path: Path) -> None:
        """Raises OSError: there is no such file or folder.

        O_PATH opens it without its content: closing any other descriptor would release the locks that SQLite has on the file (fcntl(2)).
        """
        self.path = path
        self._descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)

    @property
    def holds(self) -> bool:
        """Whether its path still leads to it."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), self.path.stat())
        except OSError:
            return False

    def close(self) -> None:
        os.close(self._descriptor)


class FolderInUse(Anchor):
    """While it is open, `require_in_place` refuses new files in this folder where the folder is no longer at its path."""

    def __init__(self, path: Path) -> None:
        """Raises OSError: there is no such folder."""
        super().__init__(path)
        _IN_USE.append(self)

    def close(self) -> None:
        _IN_USE.remove(self)
        super().close()


def require_in_place(path: Path) -> None:
    """Called before a file or folder is made at `path`: it must not begin a second data folder where the first one was.

    Raises:
        OSError: the folder in use that should hold it was removed, moved, replaced or unmounted.
    """
    for folder in tuple(_IN_USE):
        if path.is_relative_to(folder.path) and not folder.holds:
            raise OSError(errno.ESTALE, f"{folder.path} was removed, moved, replaced or unmounted while it was in use", str(path))
