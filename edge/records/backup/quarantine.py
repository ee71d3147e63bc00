"""Quarantine: what is damaged or belongs to nothing is put aside and never deleted: somebody may still get something from it."""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from edge.disk.durable import replace_file, sync_folder, time_stamp, unused
from edge.disk.layout import DataFolder

WHY = "why.json"


def put_aside(data_dir: Path, paths: Iterable[Path], why: str, *, keep: bool = False) -> Path:
    """Moves files of the data folder into a new folder of the quarantine, under the names that they had; `keep`: a copy only.

    Raises:
        OSError: the disk refuses it; what was not moved is where it was.
    """
    quarantine = DataFolder(data_dir).quarantine
    quarantine.mkdir(exist_ok=True)
    place = unused(quarantine / time_stamp())
    place.mkdir()
    sync_folder(place.parent)
    names = [path.relative_to(data_dir) for path in paths if path.exists()]
    replace_file(place / WHY, json.dumps({"why": why, "files": [str(name) for name in names]}, indent=1).encode())
    for name in names:
        there = place / name
        there.parent.mkdir(parents=True, exist_ok=True)
        _take(data_dir / name, there, keep=keep)
        sync_folder(there.parent)
        sync_folder((data_dir / name).parent)
    return place


def _take(here: Path, there: Path, *, keep: bool) -> None:
    if not keep:
        here.rename(there)
        return
    shutil.copyfile(here, there)
    with there.open("rb") as file:
        os.fsync(file.fileno())
