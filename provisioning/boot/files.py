"""Files: the only way in which the slots and the boot records touch a disk, so that a test can cut the power at each operation.

Nothing is durable before `sync`: of a file for its content, of a folder for the names in it.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Protocol

PIECE = 1 << 20
FILE = 0o644
UNFINISHED = ".new"
"""Added to a name until what it names is whole."""


class Files(Protocol):
    """A disk. Every method raises OSError as the system does."""

    def exists(self, path: Path) -> bool:
        """Whether anything has this name; a link counts, wherever it leads."""

    def is_folder(self, path: Path) -> bool:
        """Whether it is a folder, and no link to one."""

    def names(self, path: Path) -> list[str]:
        """The names in a folder, sorted."""

    def read(self, path: Path) -> bytes:
        """The content of a file."""

    def open(self, path: Path) -> BinaryIO:
        """A file to read piece by piece."""

    def read_link(self, path: Path) -> str:
        """Where a link leads."""

    def write(self, path: Path, pieces: Iterable[bytes], mode: int = FILE) -> None:
        """Writes a file, in place of what it held."""

    def append(self, path: Path, content: bytes) -> None:
        """Adds to a file, which need not exist."""

    def link(self, target: str, path: Path) -> None:
        """Makes a symbolic link."""

    def make_folder(self, path: Path) -> None:
        """Makes a folder in an existing one."""

    def rename(self, old: Path, new: Path) -> None:
        """Gives a file or link the name `new`; what had that name is gone."""

    def remove(self, path: Path) -> None:
        """Removes a file or link."""

    def remove_folder(self, path: Path) -> None:
        """Removes an empty folder."""

    def sync(self, path: Path) -> None:
        """Makes the content of a file, or the names in a folder, survive a power cut."""

    def sync_tree(self, path: Path) -> None:
        """Makes a folder and all that is in it survive a power cut, but not its own name."""

    def free_bytes(self, path: Path) -> int:
        """What can still be written to the disk of a folder."""

    def size(self, path: Path) -> int:
        """Bytes of a file or link."""


class RealFiles:
    """The disk of this machine."""

    def exists(self, path: Path) -> bool:
        return os.path.lexists(path)

    def is_folder(self, path: Path) -> bool:
        return path.is_dir() and not path.is_symlink()

    def names(self, path: Path) -> list[str]:
        return sorted(entry.name for entry in path.iterdir())

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def open(self, path: Path) -> BinaryIO:
        return path.open("rb")

    def read_link(self, path: Path) -> str:
        return str(path.readlink())

    def write(self, path: Path, pieces: Iterable[bytes], mode: int = FILE) -> None:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode), "wb") as file:
            for piece in pieces:
                file.write(piece)

    def append(self, path: Path, content: bytes) -> None:
        with path.open("ab") as file:
            file.write(content)

    def link(self, target: str, path: Path) -> None:
        path.symlink_to(target)

    def make_folder(self, path: Path) -> None:
        path.mkdir()

    def rename(self, old: Path, new: Path) -> None:
        old.replace(new)

    def remove(self, path: Path) -> None:
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        path.rmdir()

    def sync(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync_tree(self, path: Path) -> None:
        """The whole machine's files at once: thousands of them one by one take minutes on an SD card. Reading back shows a failed write."""
        path.stat()
        os.sync()

    def free_bytes(self, path: Path) -> int:
        return shutil.disk_usage(path).free

    def size(self, path: Path) -> int:
        return path.lstat().st_size


def replace(files: Files, path: Path, content: bytes, mode: int = FILE) -> None:
    """Writes a file as a sidecar, which then takes its name: a power cut leaves the old or the new one, whole."""
    unfinished = path.with_name(path.name + UNFINISHED)
    files.write(unfinished, (content,), mode)
    files.sync(unfinished)
    files.rename(unfinished, path)
    files.sync(path.parent)


def point(files: Files, path: Path, target: str) -> None:
    """Lets a link lead to `target`, in one step."""
    if files.exists(path) and not files.is_folder(path) and files.read_link(path) == target:
        return
    unfinished = path.with_name(path.name + UNFINISHED)
    if files.exists(unfinished):
        files.remove(unfinished)
    files.link(target, unfinished)
    files.rename(unfinished, path)
    files.sync(path.parent)


def make_folders(files: Files, path: Path) -> None:
    """Makes a folder, and those above it, durable."""
    if not files.is_folder(path):
        make_folders(files, path.parent)
        files.make_folder(path)
        files.sync(path.parent)


def remove_tree(files: Files, path: Path) -> None:
    """Removes a folder with all that is in it; one that is absent is fine. What it held may come back after a power cut."""
    if not files.is_folder(path):
        if files.exists(path):
            files.remove(path)
        return
    for name in files.names(path):
        remove_tree(files, path / name)
    files.remove_folder(path)


def tree_bytes(files: Files, path: Path) -> int:
    """The bytes of all files in a folder, or of a file; 0 where there is neither."""
    if files.is_folder(path):
        return sum(tree_bytes(files, path / name) for name in files.names(path))
    return files.size(path) if files.exists(path) else 0
