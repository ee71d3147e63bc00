"""Files that another person may have written, as on a stick: no planted link is followed, no pipe waits, no file fills the memory."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

NAME_BYTES = 255
"""Linux admits no longer name (NAME_MAX)."""
NOT_REGULAR = "it is not a regular file"


class NotPlain(OSError, ValueError):
    """It is a link or no regular file, or it is too large. It is reported like a disk that refuses, and like content that is not valid."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EINVAL, why)

    def __str__(self) -> str:
        return str(self.strerror)


def open_plain(path: Path, *, links: bool = False) -> BinaryIO:
    """Opens a regular file to read, and waits for nothing. `links`: a person named the path, so a link is followed.

    Raises:
        NotPlain: it is not a regular file.
        OSError: it cannot be opened.
    """
    if not links and path.is_symlink():
        raise NotPlain("it is a link")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if links else os.O_NOFOLLOW))
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            raise NotPlain(NOT_REGULAR) from error
        raise
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise NotPlain(os.strerror(errno.EISDIR) if stat.S_ISDIR(mode) else NOT_REGULAR)
    return os.fdopen(descriptor, "rb")


def read_plain(path: Path, most_bytes: int, *, links: bool = False) -> bytes:
    """The content of a regular file. `links` as for `open_plain`.

    Raises:
        NotPlain: it is not one, or has more than `most_bytes`.
        OSError: it cannot be read.
    """
    with open_plain(path, links=links) as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise NotPlain(f"it holds more than {most_bytes} bytes")
    return content


def inside(folder: Path, *names: str) -> Path | None:
    """The path of a file in `folder`; None where a name leads out of its folder, alone or through a link, or is no name of a file.

    Each name is one step down: `("e1", "a.mcap")` is `folder/e1/a.mcap`.
    """
    if not all(map(_is_name, names)):
        return None
    path = folder
    try:
        for name in names:
            path /= name
            if path.is_symlink():  # not resolved: Python 3.13 returns a loop of links as it is
                return None
    except OSError:
        return None
    return path


def _is_name(text: str) -> bool:
    try:
        length = len(os.fsencode(text))
    except UnicodeEncodeError:
        return False
    return 0 < length <= NAME_BYTES and text not in (".", "..") and not {"/", "\0"} & set(text)
