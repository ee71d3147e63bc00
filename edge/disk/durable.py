"""Durable before visible: a file is written as a sidecar, synced and renamed, so a power cut leaves the old or the new file whole."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from edge.disk.anchor import require_in_place

UNFINISHED = ".new"
"""Added to the name of a file that is being written."""
ANYONE, OWNER = 0o666, 0o600
"""Modes of a new file, before the umask."""


def replace_file(path: Path, content: bytes, mode: int = ANYONE) -> None:
    """Writes `content` as `path`; once this returns it survives a power cut.

    Raises:
        OSError: the folder or the disk refuses it; the old content of `path` is still there.
    """
    with replacing(path, mode) as file:
        file.write(content)


@contextmanager
def replacing(path: Path, mode: int = ANYONE) -> Iterator[BinaryIO]:
    """A file to write; it takes the name `path` when the block ends, and then survives a power cut.

    An error in the block removes the unfinished file; the old content of `path` is still there.

    Raises:
        OSError: the folder or the disk refuses it.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    with locked(unfinished, os.O_WRONLY | os.O_CREAT, fcntl.LOCK_EX, mode) as descriptor:
        try:
            os.ftruncate(descriptor, 0)
            with os.fdopen(descriptor, "wb", closefd=False) as file:
                yield file
            os.fsync(descriptor)
            unfinished.replace(path)
            sync_folder(path.parent)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise


def create_file(path: Path, content: bytes, mode: int = ANYONE) -> None:
    """Writes `content` as a new file; once this returns it survives a power cut. If two processes create it at once, one succeeds.

    Raises:
        FileExistsError: `path` exists; it stays as it is.
        OSError: the folder or the disk refuses it; then there is no `path`.
    """
    with replacing(path, mode) as file:
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        file.write(content)


@contextmanager
def locked(path: Path, flags: int, lock: int, mode: int = ANYONE) -> Iterator[int]:
    """The descriptor of the file that has the name `path` once the lock is held, even if other processes rename files meanwhile.

    `flags` are those of `os.open`, `lock` is `fcntl.LOCK_EX` or `fcntl.LOCK_SH`.

    A link is not followed: on a disk of another person it could lead to any file that this user can write.

    Raises:
        OSError: it cannot be opened, is a link, or its data folder is gone.
    """
    require_in_place(path)
    while True:
        descriptor = _opened(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        try:
            fcntl.flock(descriptor, lock)
            if _has_name(descriptor, path):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _opened(path: Path, flags: int, mode: int) -> int:
    try:
        return os.open(path, flags, mode)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a link; links are not followed", str(path)) from error
        raise


def _has_name(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def sync_file(path: Path) -> None:
    """Makes the content of a file that another function wrote survive a power cut.

    Raises:
        OSError: it cannot be read, or the disk refuses it.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder survive a power cut.

    Raises:
        OSError: it cannot be read, or the disk refuses it.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Makes a folder, and those above it that are absent; each survives a power cut.

    Raises:
        OSError: the disk refuses it, a file has its name, or its data folder is gone.
    """
    require_in_place(folder)
    absent = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in reversed(absent):
        sync_folder(each.parent)


def place_folder(made: Path, target: Path) -> None:
    """Gives a folder its final name, in the folder in which it was made; once this returns it survives a power cut.

    Its files must have reached the disk already.

    Raises:
        OSError: `target` exists, or the disk refuses it.
    """
    sync_folder(made)
    made.rename(target)
    sync_folder(target.parent)


def time_stamp() -> str:
    """The current time in UTC, in the form for the beginning of file and folder names."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def unused(path: Path) -> Path:
    """The path itself, or with a number if it exists: two files that begin in the same second must not share a name."""
    return next(candidate for count in range(10_000) if not (candidate := path.with_stem(path.stem + f"-{count}" * bool(count))).exists())
