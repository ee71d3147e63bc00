"""Whose the files are that this user is not allowed to use, and the command that works instead."""

import os
import pwd
import shlex
from collections.abc import Sequence
from pathlib import Path

from firmware_bridge.errors import Denied, DiskRefuses, SonoEdgeError

NEEDED = os.R_OK | os.W_OK


class FilesDenied(Denied):
    """The files belong to another user of this machine."""

    code = "files-denied"


class SystemRefuses(DiskRefuses):
    """The system did not do what was asked of a file, and nothing nearer to it explains why."""

    code = "system-refuses"


def require_access(path: Path, command: Sequence[str]) -> None:
    """Does nothing where `path` is absent, is this user's own, or may be read and written. `command` is what the user typed.

    Raises:
        FilesDenied: another user owns it; the next step runs `command` as that user.
    """
    try:
        refused = not _is_own(path) and not os.access(path, NEEDED | (os.X_OK if path.is_dir() else 0), effective_ids=True)
    except FileNotFoundError:
        return
    except PermissionError:  # a folder above it is closed
        refused = True
    if refused:
        raise denied(path, command)


def denied(path: Path, command: Sequence[str]) -> FilesDenied:
    """The error for a `path` that the system refused."""
    found = _nearest(path)
    what = f"{path} cannot be used: the user {user_name(os.geteuid())} is not allowed to"
    if _is_own(found):
        return FilesDenied(what, f"{found} is this user's own: give its owner the right to read and write it (chmod u+rwX {found})")
    owner = user_name(found.stat().st_uid)
    return FilesDenied(what, f"Run it as {owner}, who owns {found}: sudo -u {owner} {shlex.join(command)}")


def refused_by_system(error: OSError, command: Sequence[str]) -> SonoEdgeError:
    """The error for what the system refused while `command` ran, as this user typed it."""
    if isinstance(error, PermissionError) and error.filename:
        return denied(Path(str(error.filename)), command)
    place = f"{error.filename} cannot be used" if error.filename else "A file cannot be used"
    return SystemRefuses(f"{place}: {error.strerror or error}", "Check its name, and that its disk or stick is there and has room")


def _nearest(path: Path) -> Path:
    """The part of `path` that this user can see."""
    for part in (path, *path.parents):
        try:
            part.stat()
        except OSError:
            continue
        return part
    return Path("/")


def _is_own(path: Path) -> bool:
    return path.stat().st_uid == os.geteuid()


def user_name(uid: int) -> str:
    """As sudo takes it: a user without a name is `#` and its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"
