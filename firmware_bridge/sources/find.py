"""The search for recordings at the paths that a person names; other files are counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from firmware_bridge.errors import SourceAbsent, SourceUnreadable
from firmware_bridge.sources.clarius import is_raw
from firmware_bridge.sources.companions import is_companion, is_disc_index
from firmware_bridge.sources.dicom import is_dicom
from firmware_bridge.sources.file import FORMATS
from firmware_bridge.sources.image import natural_order
from firmware_bridge.sources.un0rick_file import is_un0rick


@dataclass(frozen=True, slots=True)
class Found:
    """`recordings` in natural order within each folder; `skipped` counts the other files by suffix."""

    recordings: tuple[Path, ...]
    skipped: Mapping[str, int]

    @property
    def skipped_text(self) -> str:
        """For people: "other files skipped: 3 (.csv 2, .pdf 1)"."""
        listed = ", ".join(f"{suffix or 'no suffix'} {files}" for suffix, files in sorted(self.skipped.items()))
        return f"other files skipped: {sum(self.skipped.values())}" + (f" ({listed})" if listed else "")


def find_recordings(paths: Iterable[Path]) -> Found:
    """Named files of any kind, and all recordings in named folders and their subfolders.

    Raises:
        SourceAbsent: a path is not there.
        SourceUnreadable: there is no recording.
    """
    named = list(paths)
    for path in named:
        if not path.exists():
            raise SourceAbsent(f"{path} is not there", "Check the path and that the disk or stick is mounted")
    recordings: dict[Path, None] = {}
    skipped: Counter[str] = Counter()
    for path in named:
        for file in sorted(path.rglob("*"), key=lambda f: (f.parent, natural_order(f))) if path.is_dir() else [path]:
            if file == path or _is_recording(file):
                recordings[file] = None
            elif file.is_file():
                skipped[file.suffix.lower()] += 1
    found = Found(tuple(recordings), skipped)
    if not found.recordings:
        raise SourceUnreadable(
            f"{', '.join(map(str, named))}: no recording found, {found.skipped_text}", f"Known formats: DICOM {' '.join(FORMATS)}"
        )
    return found


def _is_recording(path: Path) -> bool:
    try:
        if not path.is_file() or is_companion(path) or is_disc_index(path):
            return False
        return path.suffix.lower() in FORMATS or is_dicom(path) or is_un0rick(path) or is_raw(path)
    except OSError:
        return True  # opening it reports the error, on its own line
