"""Durable before visible: a file is written beside, synced and renamed, so that a cut of power leaves the old or the new one whole."""

import os
import time
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Writes `content` as `path`; once this returns it survives a cut of power.

    Raises:
        OSError: the folder or the disk refuses it; what `path` held is still there.
    """
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder survive a cut of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def time_stamp() -> str:
    """Now, in UTC, as the names of files and folders begin with it."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def unused(path: Path) -> Path:
    """The path itself, or with a number where there is one already: two that begin in one second must not share a name."""
    return next(candidate for count in range(10_000) if not (candidate := path.with_stem(path.stem + f"-{count}" * bool(count))).exists())
