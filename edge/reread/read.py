"""Reads one clip with two releases, in any process: one decoding, one standardisation, two readers."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from typing_extensions import Self

from edge.disk.digest import digest_of
from edge.exam.clip import ClipReader
from edge.exam.window import positions_of
from edge.inference.acceptance.acceptance import Acceptance, first_on
from edge.inference.admission import admit
from edge.inference.errors import ModelUnusable
from edge.inference.finding_label import FindingLabel
from edge.inference.reader import Reader
from edge.inference.release import MANIFEST, ModelRelease
from edge.reread.answer import Answer, Outcome, Unread
from edge.reread.clip import RecordedClip
from edge.vision.standardise import redrawn
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.machine import Machine
from firmware_bridge.sources.base import Source
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.stated import stated

THREADS = 1
"""Threads of each network; the clips are distributed over the cores."""


@dataclass(frozen=True, slots=True)
class ReleaseAt:
    """A release and its folder; `sha256` is the digest of its manifest, which contains the digests of all other files.

    `accepted` are the acceptances of this site that hold for it, the newest first: it reads their machines as it does live.
    """

    ident: str
    folder: Path
    sha256: str
    accepted: tuple[Acceptance, ...] = ()

    @classmethod
    def of(cls, release: ModelRelease, accepted: tuple[Acceptance, ...] = ()) -> Self:
        return cls(release.ident, release.folder.resolve(), digest_of(release.folder / MANIFEST), accepted)

    @property
    def key(self) -> str:
        """The same key reads a clip in the same way."""
        return " ".join((self.sha256, *(each.id for each in self.accepted)))

    def labels(self, findings: Sequence[FindingLabel], machine: Machine) -> tuple[FindingLabel, ...] | None:
        """What this site accepted on a machine, for a release with these findings; None if nothing."""
        found = first_on(self.accepted, machine)
        return found.labels(findings) if found else None


@dataclass(frozen=True, slots=True)
class Job:
    """One clip to read with two releases; the same `key` gives the same outcome. `machine` is what a person states for all clips."""

    clip: RecordedClip
    input_sha256: str
    old: ReleaseAt
    new: ReleaseAt
    machine: Machine | None = None

    @property
    def key(self) -> str:
        read = (self.input_sha256, self.clip.window, self.clip.limits, self.old.key, self.new.key, self.machine, version("sonoedge"))
        return hashlib.sha256(repr(read).encode()).hexdigest()

    def unread(self, code: str, problem: str) -> Unread:
        """Its result where it has failed."""
        return Unread(self.clip.name, code, problem)


def other_program(program: str) -> str:
    """States another version of the program on this machine; empty where it is this one."""
    found = version("sonoedge")
    return "" if found == program else f"it has SonoEdge {found}, not {program}"


def fault_here(job: Job, program: str) -> str:
    """The reason why this machine cannot do a job; empty if it can."""
    if other := other_program(program):
        return other
    wanted = {job.clip.path: job.input_sha256, job.old.folder / MANIFEST: job.old.sha256, job.new.folder / MANIFEST: job.new.sha256}
    for path, digest in wanted.items():
        try:
            if digest_of(path) != digest:
                return f"{path} is another file on that machine"
        except OSError as error:
            return f"{path} cannot be read on that machine ({error.strerror})"
    try:
        for release in (job.old, job.new):
            admit(release.folder, THREADS)
    except SonoEdgeError as error:
        return error.what
    return ""


class _Readers(threading.local):
    """Readers belong to the thread that loaded them, and read every clip of this thread."""

    def __init__(self) -> None:
        self._loaded: dict[ReleaseAt, Reader] = {}

    def of(self, wanted: ReleaseAt) -> Reader:
        if wanted not in self._loaded:
            reader = admit(wanted.folder, THREADS)
            if ReleaseAt.of(reader.release, wanted.accepted) != wanted:
                raise ModelUnusable(f"{wanted.folder} no longer contains the release {wanted.ident}", "Start the reread again")
            reader.release = reader.release.accepting(partial(wanted.labels, reader.release.findings))
            self._loaded[wanted] = reader
        return self._loaded[wanted]


_readers = _Readers()


def read(job: Job) -> Outcome | Unread:
    """Reads the clip of a job. Any error becomes the result of this clip, and does not stop the others."""
    try:
        if digest_of(job.clip.path) != job.input_sha256:
            return Unread(
                job.clip.name,
                "changed",
                f"{job.clip.path} is changing, or is another file on this machine. Read it again when it is complete.",
            )
        with stated(open_file(job.clip.path), job.machine) as source:
            return _read(source, job, _readers.of(job.old), _readers.of(job.new))
    except SonoEdgeError as error:
        return Unread(job.clip.name, error.code, str(error))
    except Exception as error:
        return Unread(job.clip.name, "failed", f"{type(error).__name__}: {error}")


def _read(source: Source, job: Job, old: Reader, new: Reader) -> Outcome:
    by_old, by_new = ClipReader(old.release), ClipReader(new.release)
    standardiser, window = old.standardiser(), job.clip.window
    wanted = None if window is None else positions_of(job.clip.path, window)
    for frame in source.frames():
        if wanted is not None and frame.sequence > max(wanted):
            break
        seen = standardiser.take(frame, job.clip.limits)
        if wanted is None or frame.sequence in wanted:
            by_old.add(seen.quality, old.infer(seen))
            by_new.add(seen.quality, new.infer(redrawn(seen, new.release.input_side)))
    one, other = by_old.finding(), by_new.finding()
    return Outcome(job.input_sha256, one.frames, one.simulated, Answer.of(one, job.old.ident), Answer.of(other, job.new.ident), one.machine)
