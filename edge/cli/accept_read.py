"""Reads the labelled recordings of `sonoedge model accept`, and finds those that cannot be used, and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress, TaskID

from edge.cli.progress import CLIPS, bar
from edge.disk.digest import digest_of
from edge.exam.labelled import LabelledReader, ReadClip, of_another_machine
from edge.inference.acceptance.errors import AcceptanceRefused, LabelsRefused
from edge.inference.acceptance.judge import JudgedClip, counts_of
from edge.inference.acceptance.table import LabelledClip, LabelTable
from edge.inference.reader import Reader
from firmware_bridge.errors import SourceDenied
from firmware_bridge.machine import Machine
from firmware_bridge.sources.find import find_recordings

Pair = tuple[LabelledClip, ReadClip]


@dataclass(frozen=True, slots=True)
class Usable:
    """The clips to judge on; `notes` state in words what was not used."""

    clips: tuple[JudgedClip, ...]
    notes: tuple[str, ...]

    @property
    def patients(self) -> int:
        return len({clip.patient for clip in self.clips})


def usable_clips(folder: Path, table: LabelTable, reader: LabelledReader, machine: Machine) -> Usable:
    """Reads every labelled recording with a progress bar; what was read before is not read again.

    Raises:
        LabelsRefused: one recording belongs to two patients.
        AcceptanceRefused: there are too few patients for every finding, whatever the recordings show; or one is of another machine.
        SourceUnreadable, SourceDenied: the folder holds no recording, or one cannot be read from the disk.
    """
    _require_enough(table.clips, reader.reader)
    unlabelled = set(find_recordings([folder]).recordings) - {clip.path for clip in table.clips}
    once = _once([clip for clip in table.clips if clip.labels], folder)
    pairs = _read(once, reader)
    _require_one_machine(pairs, folder, machine)
    clips = tuple(JudgedClip(clip.patient, clip.labels, read.logits) for clip, read in pairs if not read.unfit)
    return Usable(clips, tuple(_notes(table, len(unlabelled), pairs)))


def _require_one_machine(pairs: Sequence[Pair], folder: Path, machine: Machine) -> None:
    foreign = [(clip.path, read) for clip, read in pairs if of_another_machine(read, machine)]
    if foreign:
        path, other = foreign[0]
        what = f"{len(foreign)} recordings state that another machine made them: {path.relative_to(folder)} is of {other.machine}"
        raise AcceptanceRefused(what, "Accept a release on each machine with its own recordings")


def _require_enough(clips: Sequence[LabelledClip], reader: Reader) -> None:
    """Before minutes of reading."""
    listed = [JudgedClip(clip.patient, clip.labels, {}) for clip in clips]
    short = {label.name: counts_of(label.key, listed).shortfalls for label in reader.release.findings}
    if all(short.values()):
        reasons = ". ".join(f"{name}: {'; '.join(missing)}" for name, missing in short.items())
        raise AcceptanceRefused(f"The labels are too few for an acceptance. {reasons}", "Label recordings of more patients")


def _once(clips: Sequence[LabelledClip], folder: Path) -> list[tuple[LabelledClip, str]]:
    """Each recording once, with its digest: a copy under another name adds nothing, and with another patient it is a mistake."""
    first: dict[str, LabelledClip] = {}
    for clip in clips:
        try:
            digest = digest_of(clip.path)
        except OSError as error:
            raise SourceDenied(f"{clip.path} cannot be read ({error.strerror})", "Give this user the right to read it") from error
        other = first.setdefault(digest, clip)
        if other.patient != clip.patient:
            names = f"{other.path.relative_to(folder)} and {clip.path.relative_to(folder)}"
            what = f"{names} are the same recording, of the patients {other.patient!r} and {clip.patient!r}"
            raise LabelsRefused(what, "Give one patient one name, or remove the copy")
        if other.labels != clip.labels:
            what = f"{other.path.relative_to(folder)} and {clip.path.relative_to(folder)} are the same recording with different labels"
            raise LabelsRefused(what, "Correct the labels, or remove the copy")
    return [(clip, digest) for digest, clip in first.items()]


def _read(once: Sequence[tuple[LabelledClip, str]], reader: LabelledReader) -> list[Pair]:
    with bar(*CLIPS) as progress:
        task = progress.add_task("", total=len(once), frames=0)
        return [(clip, _one(clip, digest, reader, progress, task)) for clip, digest in once]


def _one(clip: LabelledClip, digest: str, reader: LabelledReader, progress: Progress, task: TaskID) -> ReadClip:
    def each_frame() -> None:
        progress.update(task, frames=progress.tasks[task].fields["frames"] + 1)

    progress.update(task, description=clip.path.name)
    read = reader.read(clip.path, digest, each_frame)
    progress.advance(task)
    return read


def _notes(table: LabelTable, unlabelled: int, pairs: Sequence[Pair]) -> list[str]:
    notes = [f"{unlabelled} recordings of the folder have no line in the table"] if unlabelled else []
    without = sum(not clip.labels for clip in table.clips)
    copies = len(table.clips) - without - len(pairs)
    notes += [f"{copies} recordings are copies of others"] if copies else []
    notes += [f"{without} recordings have no label of a finding of this release"] if without else []
    reasons = Counter((each.unfit, each.detail) for _, each in pairs if each.unfit)
    notes += [f"{count} recordings cannot be assessed: {code}: {detail}" for (code, detail), count in reasons.most_common()]
    notes += [f"columns of the table that are no finding of this release: {', '.join(table.unused)}"] if table.unused else []
    return notes
