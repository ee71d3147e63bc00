"""What goes wrong with a stick or with a bundle on it."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from firmware_bridge.errors import Conflict, DiskRefuses, InputRefused

AGAIN = "then write the exams again: it continues with what is missing"


class StickRefused(DiskRefuses):
    """The stick takes no writes, or is gone; every complete file on it stays."""

    code = "stick-refused"
    says_code = "stick_refused"


class StickFull(StickRefused):
    code = "stick-full"
    says_code = "stick_full"


class StickReadOnly(StickRefused):
    code = "stick-read-only"
    says_code = "stick_read_only"


class StickDenied(StickRefused):
    """The user of the appliance is not allowed to write to it."""

    code = "stick-denied"
    says_code = "stick_denied"


class StickFileTooLarge(StickRefused):
    """Its file system ends at a size that a file has."""

    code = "stick-file-too-large"
    says_code = "stick_file_too_large"


class StickPulled(StickRefused):
    """It is gone, or fails as if it were."""

    code = "stick-pulled"
    says_code = "stick_pulled"


class StickForeign(Conflict):
    """Something else is in the place of the bundle on the stick; it stays as it is."""

    code = "stick-foreign"
    says_code = "stick_foreign"


class BundleRefused(InputRefused):
    """A bundle, or reviews that came back, cannot be trusted, opened or used."""

    code = "bundle-refused"


FULL = (StickFull, "is full", f"Remove something from it; {AGAIN}. Or take a larger one")
DENIED = (StickDenied, "takes no writes from this user", f"Mount it so that this user can write; {AGAIN}")
PULLED = (StickPulled, "is not there, or fails", f"Insert it again, or take another one; {AGAIN}")
CAUSES: Mapping[int, tuple[type[StickRefused], str, str]] = MappingProxyType(
    {
        **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), FULL),
        **dict.fromkeys((errno.EACCES, errno.EPERM), DENIED),
        **dict.fromkeys((errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOENT, errno.ENOTDIR, errno.ESTALE), PULLED),
        errno.EROFS: (
            StickReadOnly,
            "takes no writes: it is mounted read-only",
            f"Check the switch on the stick, and mount it with write access; {AGAIN}",
        ),
        errno.EFBIG: (
            StickFileTooLarge,
            "takes no file as large as this one: FAT32 ends at 4 GB",
            f"Format the stick with exFAT or ext4; {AGAIN}",
        ),
    }
)
"""What an error of the system means for a person with a stick, and the next step."""


def pulled(folder: Path) -> StickPulled:
    """The error where the stick at a folder is gone."""
    _, cause, fix = PULLED
    return StickPulled(f"The stick at {folder} {cause}", fix)


@contextmanager
def stick_errors(folder: Path) -> Iterator[None]:
    """States errors of the system as errors of the stick at `folder`.

    Raises:
        StickRefused: see `CAUSES`.
    """
    try:
        yield
    except OSError as error:
        unknown = (StickRefused, f"refuses it ({error.strerror or error})", f"Check the stick; {AGAIN}")
        kind, cause, fix = CAUSES.get(error.errno or 0, unknown)
        raise kind(f"The stick at {folder} {cause}", fix) from error
