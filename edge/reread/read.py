"""Read one clip with two releases, in whatever process this runs: one decoding, one standardisation, two readers."""

import hashlib
import threading
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from typing_extensions import Self

from edge.disk.digest import digest_of
from edge.exam.clip import ClipReader
from edge.exam.taking.capture import Window
from edge.inference.admission import admit
from edge.inference.errors import ModelUnusable
from edge.inference.reader import Reader
from edge.inference.release import MANIFEST, ModelRelease
from edge.reread.answer import Answer, Outcome, Unread
from edge.reread.clip import RecordedClip
from edge.vision.standardise import redrawn
from firmware_bridge.errors import SonoEdgeError, SourceUnreadable
from firmware_bridge.link.header import SEQUENCES
from firmware_bridge.recording import READING
from firmware_bridge.sources.base import Source
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.mcap import IMAGE_SCHEMA, messages_of

THREADS = 1
"""Of each network: the clips are spread over the cores."""


@dataclass(frozen=True, slots=True)
class ReleaseAt:
    """A release and where it lies; `sha256` is that of its manifest, which names every other file's."""

    ident: str
    folder: Path
    sha256: str

    @classmethod
    def of(cls, release: ModelRelease) -> Self:
        return cls(release.ident, release.folder.resolve(), digest_of(release.folder / MANIFEST))


@dataclass(frozen=True, slots=True)
class Job:
    """One clip to be read by two releases; the same `key` gives the same outcome."""

    clip: RecordedClip
    input_sha256: str
    old: ReleaseAt
    new: ReleaseAt

    @property
    def key(self) -> str:
        read = (self.input_sha256, self.clip.window, self.clip.limits, self.old.sha256, self.new.sha256, version("sonoedge"))
        return hashlib.sha256(repr(read).encode()).hexdigest()


class _Readers(threading.local):
    """Readers belong to the thread that loaded them, and serve every clip that it reads."""

    def __init__(self) -> None:
        self._loaded: dict[ReleaseAt, Reader] = {}

    def of(self, wanted: ReleaseAt) -> Reader:
        if wanted not in self._loaded:
            reader = admit(wanted.folder, THREADS)
            if ReleaseAt.of(reader.release) != wanted:
                raise ModelUnusable(f"{wanted.folder} holds another release now than {wanted.ident}", "Begin again")
            self._loaded[wanted] = reader
        return self._loaded[wanted]


_readers = _Readers()


def read(job: Job) -> Outcome | Unread:
    """Reads the clip of a job. What stands in the way, of whatever kind, is told of this clip, and stops no other."""
    try:
        if digest_of(job.clip.path) != job.input_sha256:
            return Unread(
                job.clip.name, "changed", f"{job.clip.path} is changing, or is another file here. Read it again when it is whole."
            )
        with open_file(job.clip.path) as source:
            return _read(source, job, _readers.of(job.old), _readers.of(job.new))
    except SonoEdgeError as error:
        return Unread(job.clip.name, error.code, str(error))
    except Exception as error:
        return Unread(job.clip.name, "failed", f"{type(error).__name__}: {error}")


def _read(source: Source, job: Job, old: Reader, new: Reader) -> Outcome:
    by_old, by_new = ClipReader(old.release), ClipReader(new.release)
    standardiser, window = old.standardiser(), job.clip.window
    wanted = None if window is None else _places(job.clip.path, window)
    for frame in source.frames():
        if wanted is not None and frame.sequence > max(wanted):
            break
        seen = standardiser.take(frame, job.clip.limits)
        if wanted is None or frame.sequence in wanted:
            by_old.add(seen.quality, old.infer(seen))
            by_new.add(seen.quality, new.infer(redrawn(seen, new.release.input_side)))
    one, other = by_old.finding(), by_new.finding()
    return Outcome(job.input_sha256, one.frames, one.simulated, Answer.of(one, job.old.ident), Answer.of(other, job.new.ident))


def _places(path: Path, window: Window) -> frozenset[int]:
    """Where in a recording the frames of a window stand, counted from 0; a source that began anew began the clip anew.

    Of a recording that says which frames were read when the clip was kept, only those: the answer of then came from them alone.

    Raises:
        SourceUnreadable: none of them is there.
    """
    places, read_then, place, before = dict[int, int](), set[int](), -1, -1
    for channel, message, schema in messages_of(path, _untold):
        if channel.topic == READING:
            read_then.add(message.sequence)
        if schema is None or schema.name != IMAGE_SCHEMA:
            continue
        place += 1
        if message.sequence <= before:
            places.clear()
            read_then.clear()
        before = message.sequence
        if window.first % SEQUENCES <= message.sequence <= window.last % SEQUENCES:
            places[message.sequence] = place
    if not places:
        raise SourceUnreadable(f"{path} holds no frame of the clip that was kept", "Look for a whole copy of the exam's folder")
    known = places.keys() & read_then or places.keys()
    return frozenset(places[sequence] for sequence in known)


def _untold(cause: str, frames: int) -> None:
    """What is lost here is lost again, and counted, when the frames are read."""
