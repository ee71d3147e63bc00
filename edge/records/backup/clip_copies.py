"""Copies of the clips on a second disk, with their digests in the format of sha256sum: `sha256sum -c clips.sha256` checks them anywhere.

Each clip is copied on its own: a lost or damaged one is named, and the others are copied. Only an error of the second disk ends it.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import select

from edge.disk.digest import PIECE, digest_of
from edge.disk.durable import locked, sync_folder
from edge.disk.layout import DataFolder
from edge.disk.plain_file import inside, read_plain
from edge.disk.room import free_bytes
from edge.records.backup.backups import MARGIN_BYTES, Progress, no_progress
from edge.records.errors import BackupFailed
from edge.records.exams.clips import WHOLE
from edge.records.schema import ClipRow, ExamRow
from edge.records.store import Store

DIGESTS = "clips.sha256"
MOST_BYTES = 200_000_000
"""The digests of a million clips."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Copied:
    """How many clips were copied now, how many had a copy already, and the names of those that could not be copied.

    `damaged` clips have changed since they were recorded, or cannot be read; `absent` ones are gone.
    """

    copied: int = 0
    there: int = 0
    damaged: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


class _Damaged(Exception):
    """The recording itself, not its copy, is damaged or cannot be read."""


class _Absent(Exception):
    """The recording itself is gone."""


def copy_clips(store: Store, data_dir: Path, folder: Path, progress: Progress = no_progress) -> Copied:
    """Copies clips that have no copy yet; each copy is read back and compared before it counts. If interrupted, the next call continues.

    Raises:
        BackupFailed: the disk of the folder refuses it; every copy made before is whole.
        RecordsFull, RecordsUnusable: the records cannot be read.
    """
    wanted = _wanted(store)
    copied, there, damaged, absent, done, of = 0, 0, list[str](), list[str](), 0, sum(size for _, _, size in wanted)
    try:
        folder.mkdir(exist_ok=True)
        known = _digests(folder)
        for name, sha256, size in wanted:
            done += size
            try:
                source, target = _source(data_dir, name), _target(folder, name)
                if known.get(name) == sha256 and target.exists() and target.stat().st_size == size:
                    there += 1
                else:
                    _copy(source, target, sha256)
                    _note(folder, name, sha256)
                    copied += 1
            except _Absent:
                absent.append(name)
            except _Damaged as error:
                log.warning("a clip was not copied", clip=name, problem=str(error))
                damaged.append(name)
            progress(done, of)
    except (OSError, ValueError) as error:
        fix = "Check that this disk is there, has room and can be written; then copying continues where it stopped"
        raise BackupFailed(f"{copied} clips were copied to {folder}, then: {error}", fix) from error
    return Copied(copied, there, tuple(damaged), tuple(absent))


def check_copies(folder: Path, progress: Progress = no_progress) -> tuple[str, ...]:
    """The copies that are gone or have changed.

    Raises:
        OSError: the list of digests cannot be read.
    """
    known = _digests(folder)
    bad = []
    for done, (name, sha256) in enumerate(known.items(), 1):
        try:
            path = inside(folder, *name.split("/"))
            whole = path is not None and digest_of(path) == sha256
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


def _source(data_dir: Path, name: str) -> Path:
    if (source := inside(data_dir, *name.split("/"))) is None:
        raise _Absent
    return source


def _target(folder: Path, name: str) -> Path:
    if (target := inside(folder, *name.split("/"))) is None:
        raise OSError(f"{folder / name} is a link, or lies behind one")
    return target


def _copy(source: Path, target: Path, sha256: str) -> None:
    """Raises OSError for the disk of the target only; a fault of the source is _Absent or _Damaged."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    digest = hashlib.sha256()
    part.unlink(missing_ok=True)
    try:
        with part.open("xb") as file:
            for piece in _pieces(source):
                if free_bytes(target.parent) < len(piece) + MARGIN_BYTES:
                    raise OSError(f"no room for {source.name}")
                file.write(piece)
                digest.update(piece)
            file.flush()
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if digest.hexdigest() != sha256:
            raise _Damaged("it has changed since it was recorded")
        if digest_of(part) != sha256:
            raise OSError(f"{part} reads back other bytes than were written")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)


def _pieces(source: Path) -> Iterator[bytes]:
    try:
        with source.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except FileNotFoundError as error:
        raise _Absent from error
    except OSError as error:
        raise _Damaged(str(error)) from error


def _digests(folder: Path) -> dict[str, str]:
    path = folder / DIGESTS
    lines = read_plain(path, MOST_BYTES).decode().split("\n")[:-1] if path.exists() else []  # without a line that a power cut has torn
    return {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines) if len(sha256) == 64 and name}


def _note(folder: Path, name: str, sha256: str) -> None:
    """Adds a line, in place of one that a power cut has torn."""
    path = folder / DIGESTS
    with locked(path, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX) as descriptor, os.fdopen(descriptor, "rb+", closefd=False) as file:
        end = file.read().rfind(b"\n") + 1
        file.truncate(end)
        file.seek(end)
        file.write(f"{sha256}  {name}\n".encode())
        file.flush()
        os.fsync(descriptor)
    sync_folder(folder)
