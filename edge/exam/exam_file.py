"""An exam's folder: its clips, and `exam.json`, written from the record so that the folder can be read elsewhere."""

import errno
import os
from pathlib import Path

from edge.disk import durable
from edge.disk.durable import replace_file, sync_folder, time_stamp, unused
from edge.disk.plain_file import inside
from edge.records.exams.file import FILE, ExamFile
from firmware_bridge.errors import DiskRefuses

PART = ".part"
"""The end of the name of a recording that belongs to no clip yet."""


class ExamNotStored(DiskRefuses):
    """The disk refuses the record of the exam; everything stored before is still there."""

    code = "exam-not-kept"
    says_code = "exam_not_stored"


def make_folder(exams: Path, protocol: str) -> Path:
    """A new folder for an exam.

    Raises:
        ExamNotStored: the disk refuses it.
    """
    try:
        durable.make_folder(exams)
        folder = unused(exams / f"{time_stamp()}-{protocol}")
        folder.mkdir()
        sync_folder(exams)
    except OSError as error:
        raise not_stored(exams, error) from error
    return folder


def new_part(folder: Path, zone: str) -> Path:
    """The path of a new recording of a zone, under the name that it has until it is a clip."""
    names = (folder / f"{zone}{f'-{count}' * bool(count)}.mcap{PART}" for count in range(10_000))
    return next(name for name in names if not name.exists() and not name.with_suffix("").exists())


def settle(part: Path) -> Path:
    """Gives a complete recording its final name; when this returns, it survives a power cut.

    Raises:
        ExamNotStored: the disk refuses it.
    """
    settled = part.with_suffix("")
    try:
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(settled)
        sync_folder(part.parent)
    except OSError as error:
        raise not_stored(part, error) from error
    return settled


def write_sidecar(exams: Path, file: ExamFile) -> None:
    """Writes `exam.json` into the folder of the exam, below `exams`; when this returns, it survives a power cut.

    Raises:
        ExamNotStored: the disk refuses it; the previous file is still there.
    """
    folder = exams / file.folder
    if inside(exams, file.folder, FILE) is None:
        raise not_stored(folder, OSError(errno.ELOOP, "it is a link, or is not in the folder of the exams"))
    try:
        replace_file(folder / FILE, file.content)
    except OSError as error:
        raise not_stored(folder, error) from error


def repair_sidecar(exams: Path, file: ExamFile) -> bool:
    """Writes `exam.json` again if it differs from the record. Returns whether it differed.

    Raises:
        ExamNotStored: the disk refuses it.
    """
    try:
        same = (exams / file.folder / FILE).read_bytes() == file.content
    except OSError:
        same = False
    if not same:
        write_sidecar(exams, file)
    return not same


def not_stored(place: Path, error: OSError) -> ExamNotStored:
    fix = "Free some room on the disk, and check that this user may write there"
    return ExamNotStored(f"the exam cannot be written to {place} ({error.strerror})", fix)
