"""Copies of the clips on a second disk, with their digests as sha256sum writes them: `sha256sum -c clips.sha256` checks them anywhere."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from edge.disk.digest import digest_of
from edge.disk.durable import sync_folder
from edge.disk.layout import DataFolder
from edge.records.backup.backups import MARGIN_BYTES, Progress, free_bytes, untold
from edge.records.errors import BackupFailed
from edge.records.exams.clips import WHOLE
from edge.records.schema import ClipRow, ExamRow
from edge.records.store import Store

DIGESTS = "clips.sha256"


@dataclass(frozen=True, slots=True)
class Copied:
    """How many clips were copied now and how many were there already; `damaged` are those that are not as they were recorded."""

    copied: int = 0
    there: int = 0
    damaged: tuple[str, ...] = ()


def copy_clips(store: Store, data_dir: Path, folder: Path, progress: Progress = untold) -> Copied:
    """Copies what is not yet there; each copy was read back and compared before it counts. Ended at any moment, it goes on from there.

    Raises:
        BackupFailed: the disk of the folder refuses it; what was copied until then is whole.
        RecordsFull, RecordsUnusable: the records cannot be read.
    """
    wanted = _wanted(store)
    copied, there, damaged, done, of = 0, 0, [], 0, sum(size for _, _, size in wanted)
    try:
        folder.mkdir(exist_ok=True)
        known = _digests(folder)
        for name, sha256, size in wanted:
            done += size
            target = folder / name
            if known.get(name) == sha256 and target.exists() and target.stat().st_size == size:
                there += 1
            elif _copy(data_dir / name, target, sha256):
                _note(folder, name, sha256)
                copied += 1
            else:
                damaged.append(name)
            progress(done, of)
    except OSError as error:
        fix = "Check that the disk is there, has room and may be written; then it goes on from where it was"
        raise BackupFailed(f"{copied} clips were copied to {folder}, then: {error}", fix) from error
    return Copied(copied, there, tuple(damaged))


def check_copies(folder: Path, progress: Progress = untold) -> tuple[str, ...]:
    """The copies that are gone or not as they were made.

    Raises:
        OSError: the list of digests cannot be read.
    """
    known = _digests(folder)
    bad = []
    for done, (name, sha256) in enumerate(known.items(), 1):
        try:
            whole = digest_of(folder / name) == sha256
        except OSError:
            whole = False
        bad += [] if whole else [name]
        progress(done, len(known))
    return tuple(bad)


def _wanted(store: Store) -> list[tuple[str, str, int]]:
    query = select(ExamRow.folder, ClipRow.file, ClipRow.sha256, ClipRow.bytes).join(ExamRow, ClipRow.exam_id == ExamRow.id)
    with store.read() as session:
        rows = session.execute(query.where(ClipRow.file != "", ClipRow.file_state == WHOLE).order_by(ClipRow.id))
        return [(str(DataFolder(Path()).exams / folder / file), sha256, size) for folder, file, sha256, size in rows]


def _copy(source: Path, target: Path, sha256: str) -> bool:
    """False where the source is not what it was."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if free_bytes(target.parent) < source.stat().st_size + MARGIN_BYTES:
        raise OSError(f"no room for {source.name}")
    part = target.with_name(target.name + ".part")
    try:
        shutil.copyfile(source, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if digest_of(part) != sha256:
            return False
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)
    return True


def _digests(folder: Path) -> dict[str, str]:
    path = folder / DIGESTS
    lines = path.read_text().split("\n")[:-1] if path.exists() else []  # a line that a cut of power has torn says nothing
    return {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines) if len(sha256) == 64 and name}


def _note(folder: Path, name: str, sha256: str) -> None:
    """Adds a line, in the place of one that a cut of power has torn."""
    path = folder / DIGESTS
    with path.open("ab+") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(f"{sha256}  {name}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)
