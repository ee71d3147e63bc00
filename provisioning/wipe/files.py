"""The file operations of a wipe: those of the slots, and two that only a wipe needs."""

import os
from pathlib import Path
from typing import Protocol

from provisioning.boot.files import Files, RealFiles


class WipeFiles(Files, Protocol):
    """A disk to erase from. Every method raises OSError as the system does."""

    def size(self, path: Path) -> int:
        """The bytes of a file or of a link itself."""

    def overwrite(self, path: Path) -> None:
        """Writes zeros over the content of a file, where it lies; once this returns it survives a power cut. A link has no content."""


class DiskFiles(RealFiles):
    """The disk of this machine."""

    def size(self, path: Path) -> int:
        return path.lstat().st_size

    def overwrite(self, path: Path) -> None:
        if path.is_symlink():
            return
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "wb") as file:
            file.write(bytes(self.size(path)))
            file.flush()
            os.fsync(file.fileno())
