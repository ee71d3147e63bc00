"""What goes wrong with a stick or with a bundle on it."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from firmware_bridge.errors import Conflict, DiskRefuses, InputRefused

AGAIN = "then run the same command again: it continues with what is missing"
PULLED = ("is not there, or fails", f"Insert it again, or take another one; {AGAIN}")
CAUSES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        errno.ENOSPC: ("is full", f"Remove something from it; {AGAIN}. Or take a larger one"),
        errno.EDQUOT: ("is full", f"Remove something from it; {AGAIN}. Or take a larger one"),
        errno.EROFS: (
            "takes no writes: it is mounted read-only",
            f"Check the switch on the stick, and mount it with write access; {AGAIN}",
        ),
        errno.EACCES: ("takes no writes from this user", f"Mount it so that this user can write; {AGAIN}"),
        errno.EPERM: ("takes no writes from this user", f"Mount it so that this user can write; {AGAIN}"),
        errno.EFBIG: ("takes no file as large as this one: FAT32 ends at 4 GB", f"Format the stick with exFAT or ext4; {AGAIN}"),
        **dict.fromkeys((errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOENT, errno.ENOTDIR, errno.ESTALE), PULLED),
    }
)
"""What an error of the system means for a person with a stick, and the next step."""


class StickRefused(DiskRefuses):
    """The stick takes no writes, or is gone; every complete file on it stays."""

    code = "stick-refused"


class StickForeign(Conflict):
    """Something else is in the place of the bundle on the stick; it stays as it is."""

    code = "stick-foreign"


class BundleRefused(InputRefused):
    """A bundle, or reviews that came back, cannot be trusted, opened or used."""

    code = "bundle-refused"


@contextmanager
def stick_errors(folder: Path) -> Iterator[None]:
    """States errors of the system as errors of the stick at `folder`.

    Raises:
        StickRefused: see `CAUSES`.
    """
    try:
        yield
    except OSError as error:
        cause, fix = CAUSES.get(error.errno or 0, (f"refuses it ({error.strerror or error})", f"Check the stick; {AGAIN}"))
        raise StickRefused(f"The stick at {folder} {cause}", fix) from error
