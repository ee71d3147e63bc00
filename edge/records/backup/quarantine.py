"""Quarantine: what is damaged or belongs to nothing is put aside and never deleted: somebody may still get something from it."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from edge.disk.durable import make_folder, replace_file, sync_file, sync_folder, time_stamp, unused
from edge.disk.layout import DataFolder

WHY = "why.json"


def put_aside(data_dir: Path, paths: Iterable[Path], why: str, *, keep: bool = False) -> Path:
    """Moves files of the data folder into a new folder of the quarantine, under the names that they had; `keep`: a copy only.

    Raises:
        OSError: the disk refuses it; what was not moved is where it was.
    """
    place = unused(DataFolder(data_dir).quarantine / time_stamp())
    make_folder(place.parent)
    place.mkdir()
    sync_folder(place.parent)
    names = [path.relative_to(data_dir) for path in paths if path.exists()]
    replace_file(place / WHY, json.dumps({"why": why, "files": [str(name) for name in names]}, indent=1).encode())
    for name in names:
        there = place / name
        make_folder(there.parent)
        _take(data_dir / name, there, keep=keep)
        sync_folder(there.parent)
        sync_folder((data_dir / name).parent)
    return place


def _take(here: Path, there: Path, *, keep: bool) -> None:
    if not keep:
        here.rename(there)
        return
    shutil.copyfile(here, there)
    sync_file(there)
