"""Reads the labelled recordings of `sonoedge model accept`, and finds those that cannot be used, and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress, TaskID

from edge.cli.progress import CLIPS, bar
from edge.disk.digest import digest_of
from edge.exam.labelled import Labelled, LabelledPart, LabelledReader, ReadClip, of_another_machine
from edge.inference.acceptance.acceptance import LabelsRead
from edge.inference.acceptance.errors import AcceptanceRefused, LabelsRefused
from edge.inference.acceptance.judge import JudgedClip, counts_of
from edge.inference.acceptance.table import LabelTable
from edge.inference.reader import Reader
from firmware_bridge.errors import SourceDenied
from firmware_bridge.machine import Machine
from firmware_bridge.sources.find import find_recordings

Pair = tuple[LabelledPart, ReadClip]


@dataclass(frozen=True, slots=True)
class Usable:
    """The clips to judge on; `notes` state in words what was not used; `labels_read` is None where nobody recorded that."""

    clips: tuple[JudgedClip, ...]
    notes: tuple[str, ...]
    labels_read: LabelsRead | None = None

    @property
    def patients(self) -> int:
        return len({clip.patient for clip in self.clips})


def of_table(folder: Path, table: LabelTable) -> Labelled:
    """The recordings of a folder that a table labels.

    Raises:
        SourceUnreadable, SourceDenied: the folder holds no recording, or cannot be read.
    """
    unlabelled = set(find_recordings([folder]).recordings) - {clip.path for clip in table.clips}
    notes = [f"{len(unlabelled)} recordings of the folder have no line in the table"] if unlabelled else []
    notes += [f"columns of the table that are no finding of this release: {', '.join(table.unused)}"] if table.unused else []
    clips = tuple(LabelledPart(str(clip.path.relative_to(folder)), clip.path, clip.patient, clip.labels) for clip in table.clips)
    return Labelled(clips, "a folder and a table", tuple(notes), table.sha256)


def usable_clips(labelled: Labelled, reader: LabelledReader, machine: Machine) -> Usable:
    """Reads every labelled recording with a progress bar; what was read before is not read again.

    Raises:
        LabelsRefused: one recording belongs to two patients.
        AcceptanceRefused: there are too few patients for every finding, whatever the recordings show; or one is of another machine, or
            is not the one that was recorded.
        SourceDenied: one cannot be read from the disk.
    """
    _require_enough(labelled.clips, reader.reader)
    pairs = _read(_once([clip for clip in labelled.clips if clip.labels]), reader)
    _require_one_machine(pairs, machine)
    used = [(clip, read) for clip, read in pairs if not read.unfit]
    clips = tuple(JudgedClip(clip.patient, clip.labels, read.logits) for clip, read in used)
    return Usable(
        clips, (*labelled.notes, *_notes(labelled, pairs)), _labels_read([clip for clip, _ in used]) if labelled.blind_known else None
    )


def _labels_read(clips: Sequence[LabelledPart]) -> LabelsRead:
    blind = sum(len(clip.blind) for clip in clips)
    return LabelsRead(blind=blind, in_view=sum(len(clip.labels) for clip in clips) - blind)


def _require_one_machine(pairs: Sequence[Pair], machine: Machine) -> None:
    foreign = [(clip.name, read) for clip, read in pairs if of_another_machine(read, machine)]
    if foreign:
        name, other = foreign[0]
        what = f"{len(foreign)} recordings state that another machine made them: {name} is of {other.machine}"
        raise AcceptanceRefused(what, "Accept a release on each machine with its own recordings")


def _require_enough(clips: Sequence[LabelledPart], reader: Reader) -> None:
    """Before minutes of reading."""
    listed = [JudgedClip(clip.patient, clip.labels, {}) for clip in clips]
    short = {label.name: counts_of(label.key, listed).shortfalls for label in reader.release.findings}
    if all(short.values()):
        reasons = ". ".join(f"{name}: {'; '.join(missing)}" for name, missing in short.items())
        raise AcceptanceRefused(f"The labels are too few for an acceptance. {reasons}", "Label recordings of more patients")


def _once(clips: Sequence[LabelledPart]) -> list[tuple[LabelledPart, str]]:
    """Each recording once, with its digest: a copy under another name adds nothing, and with another patient it is a mistake."""
    first: dict[str, LabelledPart] = {}
    for clip in clips:
        other = first.setdefault(_digest(clip), clip)
        both = f"{other.name} and {clip.name} are the same recording"
        if other.patient != clip.patient:
            what = f"{both}, of the patients {other.patient!r} and {clip.patient!r}"
            raise LabelsRefused(what, "Give one patient one name, or remove the copy")
        if other.labels != clip.labels:
            raise LabelsRefused(f"{both} with different labels", "Correct the labels, or remove the copy")
    return [(clip, digest) for digest, clip in first.items()]


def _digest(clip: LabelledPart) -> str:
    try:
        digest = digest_of(clip.path)
    except OSError as error:
        raise SourceDenied(f"{clip.path} cannot be read ({error.strerror})", "Give this user the right to read it") from error
    if clip.sha256 not in {"", digest}:
        raise AcceptanceRefused(f"The recording {clip.name} has changed since it was recorded", "Put it back from a backup")
    return digest


def _read(once: Sequence[tuple[LabelledPart, str]], reader: LabelledReader) -> list[Pair]:
    with bar(*CLIPS) as progress:
        task = progress.add_task("", total=len(once), frames=0)
        return [(clip, _one(clip, digest, reader, progress, task)) for clip, digest in once]


def _one(clip: LabelledPart, digest: str, reader: LabelledReader, progress: Progress, task: TaskID) -> ReadClip:
    def each_frame() -> None:
        progress.update(task, frames=progress.tasks[task].fields["frames"] + 1)

    progress.update(task, description=clip.path.name)
    read = reader.read(clip.path, digest, each_frame, clip.part)
    progress.advance(task)
    return read


def _notes(labelled: Labelled, pairs: Sequence[Pair]) -> list[str]:
    without = sum(not clip.labels for clip in labelled.clips)
    copies = len(labelled.clips) - without - len(pairs)
    notes = [f"{copies} recordings are copies of others"] if copies else []
    notes += [f"{without} recordings have no label of a finding of this release"] if without else []
    reasons = Counter((each.unfit, each.detail) for _, each in pairs if each.unfit)
    return notes + [f"{count} recordings cannot be assessed: {code}: {detail}" for (code, detail), count in reasons.most_common()]
