"""Reads labelled recordings for an acceptance, as any clip is read. Each is stored at once, so that an interruption costs nothing."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from edge.disk.digest import digest_of
from edge.disk.journal import Journal
from edge.exam.clip import NOVELTY, QUALITY
from edge.exam.recording import RecordingFinding, read_recording
from edge.exam.taking.capture import Window
from edge.exam.window import positions_of
from edge.inference.acceptance.errors import AcceptanceNotWritten
from edge.inference.reader import Reader
from edge.inference.release import MANIFEST
from edge.vision.quality import Limits
from edge.vision.standardise import ANY
from firmware_bridge.errors import BridgeError
from firmware_bridge.machine import UNKNOWN_NAME, Machine
from firmware_bridge.sources.base import SourceInfo
from firmware_bridge.sources.file import open_file

MOST_BYTES = 16_000_000
"""Largest size on disk of what was read."""
UNREADABLE, SIMULATED = "unreadable", "simulated"


@dataclass(frozen=True, slots=True)
class Part:
    """What counts of a recording: the frames of `window`, or all, checked against `limits`."""

    window: Window | None = None
    limits: Limits = ANY


WHOLE = Part()


@dataclass(frozen=True, slots=True)
class LabelledPart:
    """A labelled recording of a patient; `name` is what people call its file, and `part` of it counts.

    `labels` holds the findings that are known to be present (True) or absent (False), `blind` those of them that were read without the
    model's answer in view. `sha256` is the digest that was recorded of the file; empty: none was.
    """

    name: str
    path: Path
    patient: str
    labels: Mapping[str, bool]
    part: Part = WHOLE
    blind: frozenset[str] = frozenset()
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labelled recordings, from wherever: `source` states from where, and `notes` what people must know, such as what is not used of it.

    `sha256` is the digest of the labels. `blind_known`: it is known which of them were read without the model's answer in view.
    """

    clips: tuple[LabelledPart, ...]
    source: str
    notes: tuple[str, ...]
    sha256: str
    blind_known: bool = False


class ReadClip(BaseModel):
    """`logits` by finding, the mean over its frames. `unfit` states why it cannot be used, as a code; empty: it can.

    `machine` is what the recording itself states of its machine.
    """

    model_config = ConfigDict(frozen=True)

    logits: Mapping[str, float] = {}
    frames: int = 0
    machine: str = UNKNOWN_NAME
    unfit: str = ""
    detail: str = ""


class _Line(BaseModel):
    key: str
    clip: ReadClip


class LabelledReader:
    """Reads clips with one release, every `every`-th frame of each."""

    def __init__(self, journal: Path, reader: Reader, every: int) -> None:
        self.reader, self._every = reader, every
        self._journal = Journal(journal, most_bytes=MOST_BYTES)
        self._read = {line.key: line.clip for line in self._stored()}
        self._of = f"{digest_of(reader.release.folder / MANIFEST)} {every} {version('sonoedge')}"

    def read(self, path: Path, sha256: str, each_frame: Callable[[], None], part: Part = WHOLE) -> ReadClip:
        """A clip, or a part of it; one that was read before is not read again. `sha256` is the digest of its file.

        Raises:
            AcceptanceNotWritten: the disk refuses what was read.
        """
        of = self._of if part == WHOLE else f"{self._of} {part}"
        key = hashlib.sha256(f"{sha256} {of}".encode()).hexdigest()
        if key not in self._read:
            clip = self._read[key] = self._now(path, each_frame, part)
            with self._refusals():
                self._journal.append({"key": key, "clip": clip.model_dump()})
        return self._read[key]

    def _now(self, path: Path, each_frame: Callable[[], None], part: Part) -> ReadClip:
        try:
            positions = None if part.window is None else frozenset(sorted(positions_of(path, part.window))[:: self._every])
            every = self._every if positions is None else 1
            with open_file(path) as source:
                info = source.info
                return _clip(info, read_recording(source, self.reader, each_frame, part.limits, every=every, positions=positions))
        except BridgeError as error:
            return ReadClip(unfit=UNREADABLE, detail=str(error))

    def _stored(self) -> Iterator[_Line]:
        with self._refusals():
            yield from self._journal.read(_Line.model_validate_json).good

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            what = f"{self._journal.path} cannot be used ({error.strerror})"
            raise AcceptanceNotWritten(what, "Free some room on the disk, and give this user the right to write there") from error


def _clip(info: SourceInfo, read: RecordingFinding) -> ReadClip:
    finding = read.finding
    unfit, detail = (finding.code, finding.advice) if finding.reason in (QUALITY, NOVELTY) else ("", "")
    if finding.simulated:
        unfit, detail = SIMULATED, "The images are of no patient"
    logits = {score.finding: score.logit for score in finding.scores}
    return ReadClip(logits=logits, frames=finding.frames, machine=info.machine.name, unfit=unfit, detail=detail)


def of_another_machine(clip: ReadClip, machine: Machine) -> bool:
    """Whether a recording states itself that another machine made it."""
    own = Machine.named(clip.machine)
    return own.known and not machine.covers(own)
