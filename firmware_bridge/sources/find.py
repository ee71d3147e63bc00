"""The search for recordings at the paths that a person names; other files are counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from firmware_bridge.errors import SourceAbsent, SourceUnreadable
from firmware_bridge.sources.clarius import is_raw
from firmware_bridge.sources.companions import is_companion, is_disc_index, is_discarded
from firmware_bridge.sources.dicom import is_dicom
from firmware_bridge.sources.file import FORMATS
from firmware_bridge.sources.image import natural_order
from firmware_bridge.sources.un0rick_file import is_un0rick


@dataclass(frozen=True, slots=True)
class Found:
    """`recordings` in natural order within each folder; `skipped` counts the other files by suffix.

    `absent` are named paths that are not there. They are among the recordings, so that each has a line with its error.
    """

    recordings: tuple[Path, ...]
    skipped: Mapping[str, int]
    absent: tuple[Path, ...] = ()

    @property
    def skipped_text(self) -> str:
        """For people: "other files skipped: 3 (.csv 2, .pdf 1)"."""
        listed = ", ".join(f"{suffix or 'no suffix'} {files}" for suffix, files in sorted(self.skipped.items()))
        return f"other files skipped: {sum(self.skipped.values())}" + (f" ({listed})" if listed else "")


def find_recordings(paths: Iterable[Path]) -> Found:
    """Named files of any kind, and all recordings in named folders and their subfolders.

    Raises:
        SourceAbsent: none of the paths is there.
        SourceUnreadable: there is no recording.
    """
    named = list(paths)
    absent = tuple(path for path in named if not _is_there(path))
    if len(absent) == len(named):
        raise not_there(absent)
    recordings: dict[Path, None] = {}
    skipped: Counter[str] = Counter()
    for path in named:
        for file in sorted(path.rglob("*"), key=lambda f: (f.parent, natural_order(f))) if _is_folder(path) else [path]:
            if file == path or (_is_recording(file) and not is_discarded(file.relative_to(path))):
                recordings[file] = None
            elif file.is_file():
                skipped[file.suffix.lower()] += 1
    found = Found(tuple(recordings), skipped, absent)
    if not found.recordings:
        raise SourceUnreadable(
            f"{', '.join(map(str, named))}: no recording found, {found.skipped_text}", f"Known formats: DICOM {' '.join(FORMATS)}"
        )
    return found


def not_there(paths: Iterable[Path]) -> SourceAbsent:
    """The error for paths that do not exist."""
    listed = [str(path) for path in paths]
    return SourceAbsent(
        f"{', '.join(listed)} {'is' if len(listed) == 1 else 'are'} not there", "Check the path and that the disk or stick is mounted"
    )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # opening it reports the error, on its own line


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_recording(path: Path) -> bool:
    try:
        if not path.is_file() or is_companion(path) or is_disc_index(path):
            return False
        return path.suffix.lower() in FORMATS or is_dicom(path) or is_un0rick(path) or is_raw(path)
    except OSError:
        return True  # opening it reports the error, on its own line
