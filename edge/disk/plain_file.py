"""Files that another person may have written, as on a stick: no link is followed, no pipe waits, and no file fills the memory."""

import errno
import os
import stat
from pathlib import Path


def read_plain(path: Path, most_bytes: int) -> bytes:
    """The content of a regular file.

    Raises:
        OSError: it cannot be read, it is a link or no regular file, or it has more than `most_bytes`.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, f"more than {most_bytes} bytes", str(path))
    return content


def inside(folder: Path, *names: str) -> Path | None:
    """The path of a file in `folder`; None where a name leads out of its folder, alone or through a link, or is no name of a file.

    Each name is one step down: `("e1", "a.mcap")` is `folder/e1/a.mcap`.
    """
    if any(name in ("", ".", "..") or "/" in name or "\0" in name for name in names):
        return None
    path = folder.joinpath(*names)
    try:
        return path if path.resolve() == folder.resolve().joinpath(*names) else None
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name that is too long, or one that the disk cannot store
        return None
