"""Files that another person may have written, as on a stick: no link is followed, no pipe waits, and no file fills the memory."""

import os
import stat
from pathlib import Path

NAME_BYTES = 255
"""Linux admits no longer name (NAME_MAX)."""


class NotPlain(ValueError):
    """It is a link or no regular file, or it is too large."""


def read_plain(path: Path, most_bytes: int) -> bytes:
    """The content of a regular file.

    Raises:
        NotPlain: it is not one, or has more than `most_bytes`.
        OSError: it cannot be read.
    """
    if path.is_symlink():
        raise NotPlain("it is a link")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotPlain("it is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(most_bytes + 1)
    finally:
        os.close(descriptor)
    if len(content) > most_bytes:
        raise NotPlain(f"it has more than {most_bytes} bytes")
    return content


def inside(folder: Path, *names: str) -> Path | None:
    """The path of a file in `folder`; None where a name leads out of its folder, alone or through a link, or is no name of a file.

    Each name is one step down: `("e1", "a.mcap")` is `folder/e1/a.mcap`.
    """
    if not all(map(_is_name, names)):
        return None
    path = folder.joinpath(*names)
    try:
        return path if path.resolve() == folder.resolve().joinpath(*names) else None
    except (OSError, RuntimeError):  # a loop of links
        return None


def _is_name(text: str) -> bool:
    try:
        length = len(os.fsencode(text))
    except UnicodeEncodeError:
        return False
    return 0 < length <= NAME_BYTES and text not in (".", "..") and not {"/", "\0"} & set(text)
