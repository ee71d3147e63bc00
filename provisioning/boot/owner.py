"""Programs that root starts as the user of the appliance: what they write in the data folder must be that user's."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict


class As(TypedDict):
    """For `subprocess.run`."""

    user: int | None
    group: int | None
    extra_groups: Sequence[int] | None


MYSELF: As = {"user": None, "group": None, "extra_groups": None}


def as_owner(folder: Path) -> As:
    """The owner of a folder, where this is root and the owner is not; otherwise this user itself."""
    if os.geteuid() or not folder.exists():
        return MYSELF
    owner = folder.stat()
    if not owner.st_uid:
        return MYSELF
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": ()}
