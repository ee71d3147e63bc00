"""Export of one exam to a folder of its own: its clips, its record, its reports, and the digest of every file."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.disk.digest import PIECE, digest_of
from edge.disk.durable import replace_file, sync_folder
from edge.disk.plain_file import inside
from edge.records.exams.file import FILE, ExamFile, FileClip
from edge.records.exams.reports import StoredReport
from firmware_bridge.errors import Conflict

DIGESTS = "SHA256SUMS"
"""In the format of sha256sum: `sha256sum -c SHA256SUMS` checks the folder anywhere."""

Progress = Callable[[int, int], None]


class ExportRefused(Conflict):
    """The exam is not exported; the target holds nothing of it."""

    code = "export-refused"


@dataclass(frozen=True, slots=True)
class Exported:
    """The folder, and the digest of each file in it by name; `missing` are clips without a recording, or with one that is damaged."""

    folder: Path
    files: dict[str, str]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export; the files of the clips are in `source`."""

    exam: ExamFile
    reports: tuple[StoredReport, ...]
    source: Path


def export(wanted: Wanted, into: Path, progress: Progress) -> Exported:
    """Makes a folder with the name of the exam in `into`; it appears only when it is complete. `progress` receives bytes done and total.

    Raises:
        ExportRefused: the folder exists already, or the disk refuses it.
    """
    target = into / wanted.exam.folder
    part = target.with_name(f".{target.name}.part")
    if target.exists() or part.exists():
        there = target if target.exists() else part
        raise ExportRefused(f"{there} exists already", "Name another folder, or move this one: nothing is overwritten")
    try:
        part.mkdir(parents=True)
        files, missing = _fill(part, wanted, progress)
        sync_folder(part)
        part.rename(target)
        sync_folder(into)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise ExportRefused(f"{target} cannot be written ({error.strerror})", "Free some room, or name another folder") from error
    return Exported(target, files, missing)


def _fill(part: Path, wanted: Wanted, progress: Progress) -> tuple[dict[str, str], tuple[str, ...]]:
    reports = {f"report-{report.number}.json": report.body.encode() for report in wanted.reports}
    texts = {FILE: wanted.exam.content, **reports}
    files = {}
    for name, content in texts.items():
        replace_file(part / name, content)
        files[name] = digest_of(part / name)
    copied, missing = _copy_all(part, wanted.exam.clips, wanted.source, progress)
    files.update(copied)
    replace_file(part / DIGESTS, "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(files.items())).encode())
    return files, missing


def _copy_all(part: Path, clips: tuple[FileClip, ...], source: Path, progress: Progress) -> tuple[dict[str, str], tuple[str, ...]]:
    done, of = 0, sum(clip.bytes for clip in clips)
    files, missing = {}, []
    for clip in clips:
        path = inside(source, clip.file)
        if path is None or not path.is_file():
            missing.append(f"{clip.zone}: {clip.file or 'no recording could be made'}")
            continue
        digest = hashlib.sha256()
        with (part / clip.file).open("xb") as copy:
            for piece in _pieces(path):
                copy.write(piece)
                digest.update(piece)
                done += len(piece)
                progress(done, of)
            copy.flush()
            os.fsync(copy.fileno())
        files[clip.file] = digest.hexdigest()
        if files[clip.file] != clip.sha256:
            missing.append(f"{clip.zone}: {clip.file} differs from its record")
    return files, tuple(missing)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
