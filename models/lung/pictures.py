"""Network inputs of every clip: made once by the appliance's own sources and preprocessing, then cached."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from edge.vision.standardise import Standardiser
from firmware_bridge.frame import Frame
from firmware_bridge.sources.file import open_file

PREPROCESSING = 1
"""Increase this number when `edge.vision` makes other pictures of the same frames: the cached files are then made again."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """`grey` is (clips, frames, side, side); `good` is (clips, frames), true for frames of good quality."""

    grey: NDArray[np.uint8]
    good: NDArray[np.bool_]

    @classmethod
    def of(cls, each: Sequence["Pictures"]) -> "Pictures":
        return cls(np.concatenate([one.grey for one in each]), np.concatenate([one.good for one in each]))


def load_pictures(paths: Sequence[Path], per_clip: int, side: int, cache: Path) -> Pictures:
    """Returns `per_clip` frames of each clip, evenly spaced; frames of a shorter clip repeat.

    The folder `cache` stores one file per clip, so that an interrupted run can continue.
    """
    cache.mkdir(parents=True, exist_ok=True)
    return Pictures.of([_cached(path, per_clip, side, cache) for path in track(paths, f"frames of {side} x {side}")])


def pictures_of(frames: Iterable[Frame], per_clip: int, side: int) -> Pictures:
    """(1, per_clip) frames of one clip, evenly spaced."""
    standardiser = Standardiser(side)
    every = [(seen.picture, seen.quality.good) for seen in map(standardiser.take, frames)]
    grey, good = zip(*(every[i] for i in spread(per_clip, len(every))), strict=True)
    return Pictures(np.stack(grey)[np.newaxis], np.array([good]))


def spread(count: int, of: int) -> NDArray[np.intp]:
    """The numbers of `count` evenly spaced frames, with the first and the last."""
    return np.asarray(np.linspace(0, of - 1, count).round(), np.intp)


def _cached(path: Path, per_clip: int, side: int, cache: Path) -> Pictures:
    what = f"{path.resolve()} {path.stat().st_size} {path.stat().st_mtime_ns} {per_clip} {side} {PREPROCESSING}"
    file = cache / f"{hashlib.sha256(what.encode()).hexdigest()[:24]}.npz"
    if file.exists():
        with np.load(file, allow_pickle=False) as found:
            return Pictures(found["grey"], found["good"])
    with open_file(path) as source:
        made = pictures_of(source.frames(), per_clip, side)
    unfinished = file.with_suffix(".new.npz")
    np.savez(unfinished, allow_pickle=False, grey=made.grey, good=made.good)
    unfinished.replace(file)
    return made
