"""The clips in a folder: exam clips, each with its zone, window and limits, and all other recordings as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from edge.disk.plain_file import inside, read_plain
from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.stored import protocol_in
from edge.exam.taking.capture import Window
from edge.records.exams.adopt import MOST_BYTES
from edge.records.exams.file import FILE, ExamFile, FileClip, read_file
from edge.reread.answer import Answer, FindingAnswer, Unread
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
        exam = read_file(read_plain(record, MOST_BYTES))
    except (OSError, ValidationError) as error:
        raise SourceUnreadable(f"{record} cannot be read", "Copy the exam's folder again, or move its recordings to another") from error
    protocol = protocol_in(exam) or catalogue.named(exam.protocol)
    for clip in exam.clips:
        path = inside(record.parent, clip.file)
        if path is None or not path.exists():
            path = path or record.parent / Path(clip.zone).name
            gone = f"zone {clip.zone} has no recording: it could not be made, or is gone"
            yield path, Unread(_name(path, base), "source-absent", gone)
            continue
        asked = protocol.acquisition(clip.zone)
        limits = Limits(asked.depth_mm, asked.presets)
        window = Window(clip.window.first, clip.window.last, clip.window.score)
        yield path, RecordedClip(_name(path, base), path, clip.zone, window, limits, _then(exam, clip))


def _then(exam: ExamFile, clip: FileClip) -> Answer | None:
    """The answer of a zone is that of its newest clip, unless the zone was to be taken again."""
    findings = [each for each in exam.findings if each.clip_id == clip.id]
    images = clip.assessment
    if exam.speaking.get(clip.zone) is not clip or images is None or not findings:
        return None
    stated = {each.key: FindingAnswer(each.probability, each.prediction) for each in findings}
    return Answer(images.model, images.reason, images.code, images.novelty, stated, images.machine_validated)


def _name(path: Path, base: Path) -> str:
    return str(path.relative_to(base))
