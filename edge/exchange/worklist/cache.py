"""The last worklist of a board, in a file of the data folder: the ward goes on where the network ends."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from edge.disk.durable import OWNER, replace_file
from edge.disk.layout import DataFolder
from edge.disk.plain_file import read_plain
from edge.exchange.worklist.entry import WorklistEntry
from firmware_bridge.errors import Damaged

LARGEST = 8 << 20
"""Bytes; an entry has some 500."""


class WorklistDamaged(Damaged):
    """The file of the last worklist cannot be read."""

    code = "worklist-damaged"


@dataclass(frozen=True, slots=True)
class CachedWorklist:
    """What `peer` answered at `asked_at` (UTC) for the days from `first` to `last`."""

    peer: str
    asked_at: datetime
    first: date
    last: date
    entries: tuple[WorklistEntry, ...]


_FORM = TypeAdapter(CachedWorklist)


def save_worklist(data_dir: Path, worklist: CachedWorklist) -> None:
    """Takes the place of the last one, and survives a power cut.

    Raises:
        OSError: the disk refuses it; the last one is still there.
    """
    replace_file(DataFolder(data_dir).worklist, _FORM.dump_json(worklist, indent=1), OWNER)


def load_worklist(data_dir: Path) -> CachedWorklist | None:
    """The last worklist; None where there was none.

    Raises:
        WorklistDamaged: its file cannot be read.
    """
    path = DataFolder(data_dir).worklist
    try:
        return _FORM.validate_json(read_plain(path, LARGEST))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise WorklistDamaged(f"{path} cannot be read", "Ask the worklist again: sonoedge hospital worklist") from error
