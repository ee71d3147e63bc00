"""The file operations of a wipe, so that a test can stop it before each of them. A link is a file: none is followed."""

import os
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """Each operation raises OSError where the disk refuses it; none but `sync` survives a power cut."""

    def exists(self, path: Path) -> bool: ...
    def read(self, path: Path) -> bytes: ...
    def size(self, path: Path) -> int: ...
    def write(self, path: Path, content: bytes, mode: int = 0o644) -> None: ...
    def sync(self, path: Path) -> None: ...
    def rename(self, old: Path, new: Path) -> None: ...
    def remove(self, path: Path) -> None: ...
    def remove_folder(self, path: Path) -> None: ...
    def names(self, path: Path) -> list[str]: ...
    def is_folder(self, path: Path) -> bool: ...


class DiskFiles:
    """The real ones."""

    def exists(self, path: Path) -> bool:
        return os.path.lexists(path)

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def size(self, path: Path) -> int:
        return path.lstat().st_size

    def write(self, path: Path, content: bytes, mode: int = 0o644) -> None:
        """In place: old blocks of a file system that does not copy on write get the new bytes."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, mode), "wb") as file:
            file.write(content)
            file.truncate()

    def sync(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        old.replace(new)

    def remove(self, path: Path) -> None:
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        path.rmdir()

    def names(self, path: Path) -> list[str]:
        return sorted(each.name for each in path.iterdir())

    def is_folder(self, path: Path) -> bool:
        return path.is_dir() and not path.is_symlink()
