"""Every clip's frames as the network sees them, made once through the appliance's own sources and preprocessing, and kept."""

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
"""Raise it when `edge.vision` makes other pictures of the same frames: what is kept is then made again."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """(clips, frames, side, side) `grey`, and which of them are of `good` quality, (clips, frames)."""

    grey: NDArray[np.uint8]
    good: NDArray[np.bool_]

    @classmethod
    def of(cls, each: Sequence["Pictures"]) -> "Pictures":
        return cls(np.concatenate([one.grey for one in each]), np.concatenate([one.good for one in each]))


def load_pictures(paths: Sequence[Path], per_clip: int, side: int, kept: Path) -> Pictures:
    """`per_clip` frames of each clip, evenly spread; of a shorter one some come twice.

    They are kept in the folder `kept`, one file a clip, so that making them can be broken off.
    """
    kept.mkdir(parents=True, exist_ok=True)
    return Pictures.of([_kept_or_made(path, per_clip, side, kept) for path in track(paths, f"frames of {side} x {side}")])


def pictures_of(frames: Iterable[Frame], per_clip: int, side: int) -> Pictures:
    """Of one clip."""
    standardiser = Standardiser(side)
    every = [(seen.picture, seen.quality.good) for seen in map(standardiser.take, frames)]
    grey, good = zip(*(every[i] for i in spread(per_clip, len(every))), strict=True)
    return Pictures(np.stack(grey)[np.newaxis], np.array([good]))


def spread(count: int, of: int) -> NDArray[np.intp]:
    """Which of so many frames: `count` of them, evenly spread, the first and the last among them."""
    return np.asarray(np.linspace(0, of - 1, count).round(), np.intp)


def _kept_or_made(path: Path, per_clip: int, side: int, kept: Path) -> Pictures:
    what = f"{path.resolve()} {path.stat().st_size} {path.stat().st_mtime_ns} {per_clip} {side} {PREPROCESSING}"
    file = kept / f"{hashlib.sha256(what.encode()).hexdigest()[:24]}.npz"
    if file.exists():
        with np.load(file, allow_pickle=False) as found:
            return Pictures(found["grey"], found["good"])
    with open_file(path) as source:
        made = pictures_of(source.frames(), per_clip, side)
    beside = file.with_suffix(".new.npz")
    np.savez(beside, allow_pickle=False, grey=made.grey, good=made.good)
    beside.replace(file)
    return made
