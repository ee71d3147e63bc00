"""The frames of a clip, streamed from its recording: first what they are, part by part, and then their pixels.

A viewer applies one geometry to every frame of an object, so a clip is cut into parts wherever size, geometry, settings or machine change.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path

from edge.exam.taking.capture import Window
from edge.exam.window import locate
from edge.vision.region import Region, RegionFinder
from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry, Grey
from firmware_bridge.link.header import SEQUENCES
from firmware_bridge.machine import Machine
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.mcap import IMAGE_SCHEMA, messages_of
from firmware_bridge.sources.recorded import UNTIMED_US

MOST_BYTES = 190_000_000
"""Of the pixels of a part before coding: OpenMRS refuses files over 200,000,000 bytes."""
MOST_FRAMES = 65534 // 17
"""Of a part: a Frame Time Vector in Explicit VR has at most 65,534 bytes, and a decimal string with its separator 17 (PS3.5 6.2, 7.1.2)."""


@dataclass(frozen=True, slots=True, eq=False)
class Sameness:
    """What all frames of a part share."""

    shape: tuple[int, int]
    geometry: Geometry
    settings: AcquisitionSettings
    machine: Machine
    simulated: bool

    @classmethod
    def of(cls, frame: Frame) -> "Sameness":
        rows, columns = frame.pixels.shape
        return cls((rows, columns), frame.geometry, frame.settings, frame.machine, frame.simulated)

    @property
    def key(self) -> tuple[object, ...]:
        """Equal where one object can hold both; the name of a machine states more than its equality."""
        return self.shape, self.geometry, self.settings, self.machine.name, self.simulated


@dataclass(slots=True, eq=False)
class Part:
    """Part `number`, from 1, of a clip. Each of its frames has a position in the recording, a sequence number and a time in microseconds.

    `region` is where its last frame shows ultrasound: that is known best from all frames.
    """

    number: int
    shared: Sameness
    region: Region
    positions: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    times_us: list[int] = field(default_factory=list)

    @property
    def frames(self) -> int:
        return len(self.positions)

    @property
    def steps_us(self) -> list[int]:
        """Microseconds from each frame to the next; where the device's clock stood still, the frames count as 25 a second."""
        return [after - before or UNTIMED_US for before, after in pairwise(self.times_us)]

    def has_room(self) -> bool:
        """Whether one more frame fits."""
        rows, columns = self.shared.shape
        return self.frames < MOST_FRAMES and (self.frames + 1) * rows * columns <= MOST_BYTES

    def add(self, frame: Frame, sequence: int, region: Region) -> None:
        """Adds a frame that shares everything with it."""
        self.positions.append(frame.sequence)
        self.sequences.append(sequence)
        self.times_us.append(frame.captured_us)
        self.region = region


@dataclass(frozen=True, slots=True)
class Survey:
    """The parts of a clip, and what of it cannot be read, in words; empty where it is whole."""

    parts: tuple[Part, ...]
    lost: str

    def position_of(self, sequence: int) -> int:
        """The position in the recording of the frame with this sequence number.

        Raises:
            ValueError: it is in none of the parts.
        """
        [position] = [part.positions[part.sequences.index(sequence)] for part in self.parts if sequence in part.sequences]
        return position


def survey(path: Path, window: Window) -> Survey:
    """Finds the parts of a clip in the recording at `path`; it keeps no pixels.

    Raises:
        SourceUnreadable: nothing of the clip can be read.
        BridgeError, OSError: there is no such recording, or the disk does not give it.
    """
    found = locate(path, window)
    sequences, parts, regions = _sequences(path, window, found.every), list[Part](), RegionFinder()
    for frame in _frames(path, max(found.every)):
        region = regions.find(frame)  # frames before the clip show where the ultrasound is, too
        if frame.sequence not in sequences:
            continue
        shared = Sameness.of(frame)
        if not parts or parts[-1].shared.key != shared.key or not parts[-1].has_room():
            parts.append(Part(len(parts) + 1, shared, region))
        parts[-1].add(frame, sequences[frame.sequence], region)
    if not parts:
        raise SourceUnreadable(f"{path}: no frame of the clip could be decoded", "Find a complete copy of the exam's folder")
    return Survey(tuple(parts), _lost(len(sequences) - sum(part.frames for part in parts), damaged=found.damaged))


def pixels_of(path: Path, parts: tuple[Part, ...]) -> Generator[tuple[Part, Grey], None, None]:
    """The pixels of every frame of the parts, in order, each with its part; they are decoded while they are taken.

    Raises:
        BridgeError: the disk does not give the recording.
    """
    wanted = {position: part for part in parts for position in part.positions}
    try:
        for frame in _frames(path, max(wanted)):
            if frame.sequence in wanted:
                yield wanted[frame.sequence], frame.pixels
    except OSError as error:
        raise SourceUnreadable(f"{path} cannot be read ({error.strerror})", "Check the disk of the recordings") from error


def _frames(path: Path, last: int) -> Iterator[Frame]:
    with closing(open_file(path)) as source:
        yield from islice(source.frames(), last + 1)


def _sequences(path: Path, window: Window, positions: frozenset[int]) -> dict[int, int]:
    """The sequence number of each position, as in the records, which count on where the number in a recording begins again at 0."""
    if len(positions) == window.last - window.first + 1:
        return dict(zip(sorted(positions), range(window.first, window.last + 1), strict=True))
    images = (
        message.sequence for _, message, schema in messages_of(path, lambda *_: None) if schema is not None and schema.name == IMAGE_SCHEMA
    )
    return {
        position: window.first + (sequence - window.first) % SEQUENCES for position, sequence in enumerate(images) if position in positions
    }


def _lost(frames: int, *, damaged: bool) -> str:
    if damaged:
        return "a part of the recording is damaged, so that frames can be missing"
    return f"{frames} frames of the recording cannot be decoded" if frames else ""
