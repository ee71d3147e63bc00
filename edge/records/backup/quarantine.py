"""Quarantine: damaged files and files that belong to nothing go here and are never deleted, because people may still recover data."""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from edge.disk.durable import make_folder, replace_file, sync_file, sync_folder, time_stamp, unused
from edge.disk.layout import DataFolder

WHY = "why.json"


def put_aside(data_dir: Path, paths: Iterable[Path], why: str, *, copy: bool = False) -> Path:
    """Moves files of the data folder into a new folder of the quarantine, under their names; `copy`: copies them instead.

    Raises:
        OSError: the disk refuses it; files that were not moved stay where they were.
    """
    place = unused(DataFolder(data_dir).quarantine / time_stamp())
    make_folder(place.parent)
    place.mkdir()
    sync_folder(place.parent)
    names = [path.relative_to(data_dir) for path in paths if os.path.lexists(path)]
    replace_file(place / WHY, json.dumps({"why": why, "files": [str(name) for name in names]}, indent=1).encode())
    for name in names:
        there = place / name
        make_folder(there.parent)
        _take(data_dir / name, there, copy=copy)
        sync_folder(there.parent)
        sync_folder((data_dir / name).parent)
    return place


def _take(here: Path, there: Path, *, copy: bool) -> None:
    if not copy:
        here.rename(there)
        return
    shutil.copyfile(here, there)
    sync_file(there)
