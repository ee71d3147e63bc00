"""The data folder of a replayed ward: a fresh one, or one of an earlier replay, which is removed. Other records are never touched."""

import shutil
from contextlib import closing

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.bench.ward.column_map import WardMap
from edge.bench.ward.stage import site_of
from edge.disk.durable import make_folder, replace_file
from edge.disk.layout import DataFolder
from edge.disk.plain_file import read_plain
from edge.disk.structured import LARGEST
from edge.records.audit.seal import Seal
from edge.records.exams.exams import Exams
from edge.records.store import Store
from edge.records.use import OnlyAppliance
from firmware_bridge.errors import Conflict, DiskRefuses

FIX = "Give an empty folder with --data-dir, or leave it out for a temporary one"
POLICY = b"over_read_share: 1.0 # the labels read over every exam of a replay\n"
EVERY = 1_000_000


class FolderTaken(Conflict):
    """The data folder holds something that no replay made."""

    code = "ward-folder-taken"


class FolderRefused(DiskRefuses):
    """The disk refuses the data folder."""

    code = "ward-folder-refused"


class _Mark(BaseModel):
    """What makes a data folder that of a replay."""

    model_config = ConfigDict(frozen=True)

    site: str


def prepare(data: DataFolder, about: WardMap) -> None:
    """Makes the folder ready for a replay: empty, with its mark and a policy that has every exam read over.

    Raises:
        FolderTaken: it has records or files that no replay made.
        ApplianceRuns: an appliance uses it.
        RecordsUnusable: the records of an earlier replay cannot be read, so that it is not known whose they are.
        FolderRefused, RecordsFull: the disk refuses it.
    """
    folder = data.root
    in_use = OnlyAppliance(folder)
    try:
        others = [path for path in folder.iterdir() if path != data.replayed]
        if others:
            _require_replay(data)
        replace_file(data.replayed, _Mark(site=site_of(about)).model_dump_json().encode())
        for path in others:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        make_folder(folder)
        replace_file(data.policy, POLICY)
    except OSError as error:
        raise FolderRefused(f"{folder} cannot be used ({error.strerror})", "Check the disk, and that this user may write there") from error
    finally:
        in_use.leave()


def _require_replay(data: DataFolder) -> None:
    mark = _mark(data)
    if mark is None:
        raise FolderTaken(f"{data.root} is not empty, and this command did not make it", FIX)
    if not data.records.exists():
        return
    with closing(Store(data.records, Seal.of(data.root))) as store:
        foreign = sum(exam.site != mark.site for exam in Exams(store).newest(EVERY))
    if foreign:
        raise FolderTaken(f"{data.root} has {foreign} exams that this command did not make", FIX)


def _mark(data: DataFolder) -> _Mark | None:
    try:
        return _Mark.model_validate_json(read_plain(data.replayed, LARGEST))
    except (OSError, ValueError, ValidationError):
        return None
