"""What the benchmark and the process of an engine share. It imports only what the environment of every engine has."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Outputs = Sequence[NDArray[np.int8]]
Pixels = NDArray[np.uint8]

JOB = "job.json"
CLIP = "clip.npy"
PLAIN = "plain.tflite"


class Refused(Exception):
    """An engine cannot run this network; the text states why."""


@dataclass(frozen=True, slots=True)
class Job:
    """`network` is the release's own file, in the folder `release`; `folder` has the frames, and a copy of the network for strict readers.

    The network takes a grey square of `side` pixels as int8: `real = (int8 - zero_point) * scale`.
    """

    folder: str
    release: str
    network: str
    side: int
    scale: float
    zero_point: int

    @property
    def frames(self) -> Pixels:
        """(frames, rows, columns) grey."""
        frames: Pixels = np.load(Path(self.folder) / CLIP)
        return frames

    @property
    def plain(self) -> Path:
        """The same network with all its weights inside the FlatBuffers table."""
        return Path(self.folder) / PLAIN

    def save(self) -> None:
        (Path(self.folder) / JOB).write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, folder: Path) -> "Job":
        return cls(**json.loads((folder / JOB).read_text()))


@dataclass(frozen=True, slots=True)
class Engine:
    """A loaded network. `run` reads this many frames, the first ones again after the last one, and returns each frame's nanoseconds.

    `outputs` are those of each frame, where the engine reads the same picture as the usual loop.
    """

    run: Callable[[int], list[int]]
    outputs: Sequence[Outputs] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """The first answer of an engine's process; `refused` states why it cannot run the network."""

    refused: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """One round: nanoseconds of each frame, processor seconds of the whole process in it, and its largest memory so far (2**20 bytes)."""

    frame_ns: list[int]
    cpu_s: float
    peak_mb: float


def looped(read: Callable[[Pixels], Outputs], frames: Pixels) -> Engine:
    """An engine that reads one frame after another with `read`. It reads every frame once now, which warms it up."""
    position = 0

    def run(count: int) -> list[int]:
        nonlocal position
        took = []
        for _ in range(count):
            pixels = frames[position % len(frames)]
            begun = time.perf_counter_ns()
            read(pixels)
            took.append(time.perf_counter_ns() - begun)
            position += 1
        return took

    return Engine(run, [[np.array(output) for output in read(pixels)] for pixels in frames])
