"""The clips in a folder: exam clips, each with its zone, window and limits, and all other recordings as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.exam.exam import Done, ExamRecord
from edge.exam.exam_file import FILE, StoredClip
from edge.exam.protocol.file import Catalogue
from edge.exam.taking.capture import Window
from edge.reread.answer import Answer, Unread
from edge.vision.quality import Limits
from edge.vision.standardise import ANY
from firmware_bridge.errors import SonoEdgeError, SourceUnreadable
from firmware_bridge.sources.find import find_recordings


@dataclass(frozen=True, slots=True)
class RecordedClip:
    """A clip to read again: the frames of `window`, or all frames, of the file at `path`, checked against `limits`.

    `name` is the path relative to the given folder; `then` is the answer for the zone at the time of the exam, if there was one.
    """

    name: str
    path: Path
    zone: str = ""
    window: Window | None = None
    limits: Limits = ANY
    then: Answer | None = None


class _ExamFile(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    protocol: str
    exam: ExamRecord
    clips: tuple[StoredClip, ...]


def clips_in(folder: Path, catalogue: Catalogue) -> tuple[RecordedClip | Unread, ...]:
    """Every clip of a folder, or of one file, in a fixed order.

    Raises:
        SourceAbsent: it does not exist.
        SourceUnreadable: it contains no recording.
    """
    base = folder if folder.is_dir() else folder.parent
    found: dict[Path, RecordedClip | Unread] = {
        path: RecordedClip(_name(path, base), path) for path in find_recordings([folder]).recordings
    }
    for record in sorted(folder.rglob(FILE)):
        try:
            found.update(_clips_of(record, base, catalogue))
        except SonoEdgeError as error:
            found.update({path: Unread(_name(path, base), error.code, str(error)) for path in found if path.parent == record.parent})
    return tuple(found.values())


def _clips_of(record: Path, base: Path, catalogue: Catalogue) -> Iterator[tuple[Path, RecordedClip | Unread]]:
    try:
        said = _ExamFile.model_validate_json(record.read_bytes())
    except (OSError, ValidationError) as error:
        raise SourceUnreadable(f"{record} cannot be read", "Copy the exam's folder again, or move its recordings to another") from error
    protocol = catalogue.named(said.protocol)
    for kept in said.clips:
        path = record.parent / (kept.file or kept.zone)
        if not kept.file or not path.exists():
            yield path, Unread(_name(path, base), "source-absent", f"zone {kept.zone} has no recording: it could not be made, or is gone")
            continue
        asked = protocol.acquisition(kept.zone)
        limits = Limits(asked.depth_mm, asked.presets)
        yield path, RecordedClip(_name(path, base), path, kept.zone, kept.window, limits, _then(said, kept))


def _then(said: _ExamFile, kept: StoredClip) -> Answer | None:
    """Only the clip that was kept last speaks for a zone, unless it was to be taken again."""
    state, clips = said.exam.zones.get(kept.zone), [each for each in said.clips if each.zone == kept.zone and not each.superseded_at]
    return Answer.of(state.finding, state.finding.model) if isinstance(state, Done) and clips and clips[-1] is kept else None


def _name(path: Path, base: Path) -> str:
    return str(path.relative_to(base))
