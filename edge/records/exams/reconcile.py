"""Compares the clip files with their rows at a start: differences are reported, and no file is ever deleted.

It runs before an exam is resumed, while nothing is recorded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy import select

from edge.disk.digest import digest_of
from edge.disk.durable import sync_folder, unused
from edge.disk.layout import DataFolder
from edge.disk.plain_file import inside
from edge.records.backup.quarantine import put_aside
from edge.records.exams.adopt import Check, adopt_exams
from edge.records.exams.clips import ABSENT, RECORDING, WHOLE
from edge.records.exams.file import nothing
from edge.records.exams.zones_v1 import states_of
from edge.records.ids import new_id
from edge.records.notices import APPLIANCE, add_notice
from edge.records.schema import ClipRow, ExamRow
from edge.records.store import Store
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.sources.mcap import IMAGE_SCHEMA, messages_of

DAMAGED, REMOVED = "damaged", "removed"
UNFINISHED, BLIND = ".part", ".blind"
"""Earlier releases left copies for blind readers, if the client was gone or the power was cut; this one gives them no name."""
DIGEST_OF_LAST = timedelta(days=1)
"""Only `sonoedge backup verify` checks the digests of older clips: at a start that would take minutes."""

REASONS = 500
"""Characters of a notice for the reasons; the log has them all."""

CLIP_NOTICES = {
    ABSENT: ("clip-absent", "is gone", "Look for it in the backup, or take the zone again"),
    DAMAGED: ("clip-damaged", "has changed since it was recorded", "Compare it with the backup; the findings recorded from it stay valid"),
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many clips were found absent, damaged or whole again, files adopted or quarantined, and exams taken back."""

    absent: int = 0
    damaged: int = 0
    whole_again: int = 0
    adopted: int = 0
    put_aside: int = 0
    exams: int = 0


@dataclass(frozen=True, slots=True)
class _Clip:
    """`path` is None where its name leads out of `exams`: such a clip is absent."""

    id: str
    exam_id: str
    name: str
    path: Path | None
    state: str
    bytes: int
    sha256: str
    recent: bool


def reconcile(store: Store, data_dir: Path, check: Check = nothing) -> Reconciled:
    """Compares all files, and checks the digests of recent clips; completes removals that a power cut interrupted.

    `check` decides with `adopt_exams` which exams of the disk are taken back; the files of the others go to the quarantine.

    Raises:
        RecordsFull, RecordsUnusable: the disk refuses it.
        OSError: a folder cannot be read, or a file cannot be moved.
    """
    exams = DataFolder(data_dir).exams
    taken_back = adopt_exams(store, exams, check)
    if taken_back.refused:
        _put_exams_aside(store, data_dir, taken_back.refused)
    clips = _clips(store, exams)
    for clip in clips:
        if clip.state == REMOVED and clip.path is not None and clip.path.exists():
            clip.path.unlink()
            sync_folder(clip.path.parent)
    states = _compare(store, clips, lambda clip: clip.recent)
    for blind in exams.glob(f"*/*{BLIND}"):
        blind.unlink()
    known = {clip.path for clip in clips}
    strangers = [path for path in sorted(exams.glob("*/*")) if path.suffix in (RECORDING, UNFINISHED) and path not in known]
    adopted = sum(_adopt(store, path) for path in strangers)
    left = [path for path in strangers if path.exists() and not _is_known(store, path)]
    if left:
        _put_aside(store, data_dir, left)
    return Reconciled(*states, adopted, len(left), taken_back.exams)


def check_clips(store: Store, data_dir: Path, progress: Callable[[int, int], None] = lambda *_: None) -> Reconciled:
    """Checks the digest of every clip, which takes minutes to hours.

    Raises:
        RecordsFull, RecordsUnusable: the disk refuses it.
    """
    clips = _clips(store, DataFolder(data_dir).exams)
    done = iter(range(1, len(clips) + 1))

    def each(_: _Clip) -> bool:
        progress(next(done), len(clips))
        return True

    return Reconciled(*_compare(store, clips, each))


def _clips(store: Store, exams: Path) -> tuple[_Clip, ...]:
    since = store.now() - DIGEST_OF_LAST
    query = select(ClipRow, ExamRow.folder).join(ExamRow, ClipRow.exam_id == ExamRow.id).where(ClipRow.file != "")
    with store.read() as session:
        return tuple(
            _Clip(
                row.id,
                row.exam_id,
                f"{folder}/{row.file}",
                inside(exams, folder, row.file),
                row.file_state,
                row.bytes,
                row.sha256,
                row.kept_at >= since,
            )
            for row, folder in session.execute(query)
        )


def _compare(store: Store, clips: tuple[_Clip, ...], wants_digest: Callable[[_Clip], bool]) -> tuple[int, int, int]:
    """Sets each row to the state of its file; returns how many became absent, damaged and whole again."""
    changed = {ABSENT: 0, DAMAGED: 0, WHOLE: 0}
    for clip in clips:
        state = _state(clip, digest=wants_digest(clip) or clip.state != WHOLE)
        if clip.state in (REMOVED, state):
            continue
        changed[state] += 1
        with store.write() as change:
            change.session.get_one(ClipRow, clip.id).file_state = state
            change.log(APPLIANCE, f"clip.found-{state}", f"clip/{clip.id}", {"exam": clip.exam_id, "before": clip.state})
            if state in CLIP_NOTICES:
                add_notice(change, *clip_notice(state, Path(clip.name)))
    return changed[ABSENT], changed[DAMAGED], changed[WHOLE]


def clip_notice(state: str, path: Path) -> tuple[str, str, str]:
    """(code, what, fix) for people: a clip is absent or damaged."""
    code, what, fix = CLIP_NOTICES[state]
    return code, f"The clip {path.parent.name}/{path.name} {what}", fix


def _state(clip: _Clip, *, digest: bool) -> str:
    if clip.path is None:
        return ABSENT
    try:
        if clip.path.stat().st_size != clip.bytes:
            return DAMAGED
        return WHOLE if not digest or digest_of(clip.path) == clip.sha256 else DAMAGED
    except FileNotFoundError:
        return ABSENT
    except OSError as error:  # a sector that cannot be read
        log.warning("a clip cannot be read", path=str(clip.path), problem=error.strerror)
        return DAMAGED


def _adopt(store: Store, path: Path) -> bool:
    """Makes a superseded clip of a recording of a known exam without a row, for example one that a power cut left unfinished."""
    with store.read() as session:
        exam = session.scalar(select(ExamRow).where(ExamRow.folder == path.parent.name))
    sequences = _sequences(path) if exam else ()
    if exam is None or not sequences:
        return False
    finished = path if path.suffix == RECORDING else _finish(path)
    with store.write() as change:
        clip_id = new_id()
        change.session.add(
            ClipRow(
                id=clip_id,
                exam_id=exam.id,
                zone=_zone_of(finished.stem, states_of(exam.zones, exam.zone_states)["zones"]),
                file=finished.name,
                sha256=digest_of(finished),
                bytes=finished.stat().st_size,
                file_state=WHOLE,
                first=sequences[0],
                last=sequences[-1],
                by="itself",
                overridden=[],
                quality=0.0,
                kept_at=change.now,
                superseded_at=change.now,
            )
        )
        change.log(APPLIANCE, "clip.adopted", f"clip/{clip_id}", {"exam": exam.id, "file": finished.name, "frames": len(sequences)})
    return True


def _finish(path: Path) -> Path:
    finished = unused(path.with_suffix("") if path.with_suffix("").suffix == RECORDING else path.with_suffix(RECORDING))
    path.rename(finished)
    sync_folder(path.parent)
    return finished


def _sequences(path: Path) -> tuple[int, ...]:
    """The numbers of the readable frames of a recording; empty where it is not a recording."""
    try:
        found = messages_of(path, lambda *_: None)
        return tuple(message.sequence for _, message, schema in found if schema is not None and schema.name == IMAGE_SCHEMA)
    except (OSError, SonoEdgeError):
        return ()


def _zone_of(stem: str, zones: object) -> str:
    """A second recording of a zone has a number after its name."""
    stem = stem.removesuffix(RECORDING)
    first, _, number = stem.rpartition("-")
    numbered = number.isdecimal() and first and not (isinstance(zones, dict) and stem in zones)
    return first if numbered else stem


def _is_known(store: Store, path: Path) -> bool:
    with store.read() as session:
        query = select(ClipRow.id).join(ExamRow, ClipRow.exam_id == ExamRow.id)
        return session.scalar(query.where(ExamRow.folder == path.parent.name, ClipRow.file == path.name)) is not None


def _put_aside(store: Store, data_dir: Path, left: list[Path]) -> None:
    place = put_aside(data_dir, left, "recordings that belong to no known exam, or cannot be read")
    what = f"{len(left)} recordings belong to no known exam, or cannot be read; they are in {place.name} of the quarantine"
    with store.write() as change:
        change.log(APPLIANCE, "clip.put-aside", f"quarantine/{place.name}", {"files": [f"{p.parent.name}/{p.name}" for p in left]})
        add_notice(change, "clips-put-aside", what, "Look at them with sonoedge infer, or leave them there")


def _put_exams_aside(store: Store, data_dir: Path, refused: Mapping[Path, str]) -> None:
    """A folder that is a link moves as a link: the files to which it leads stay where they are."""
    exams = DataFolder(data_dir).exams
    for path, why in refused.items():
        log.warning("the file of an exam was refused", path=str(path), problem=why)
    place = put_aside(data_dir, [path.parent if path.parent.is_symlink() else path for path in refused], "files that hold no exam")
    names = "; ".join(f"{path.relative_to(exams)}: {why}" for path, why in refused.items())
    what = f"{len(refused)} files are not those of an exam, and are in {place.name} of the quarantine ({names[:REASONS]})"
    with store.write() as change:
        change.log(APPLIANCE, "exam.put-aside", f"quarantine/{place.name}", {"files": [str(path.relative_to(exams)) for path in refused]})
        add_notice(
            change, "exams-put-aside", what, "If the exam was copied here, copy its whole folder again and restart; or leave it there"
        )
