"""Measures the clips of recordings with one release. It is meant for a process of its own: a clip takes seconds."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from edge.disk.digest import digest_of
from edge.exam.taking.capture import Window
from edge.exam.window import positions_of
from edge.feedback.pleura.clip import ClipMeasurer, ClipShare
from edge.inference.errors import OutputNotFinite
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from firmware_bridge.errors import BridgeError
from firmware_bridge.machine import UNKNOWN_NAME
from firmware_bridge.sources.file import open_file

MOST_FRAMES = 60
"""Of a longer clip so many frames count, evenly spread: some seconds of work on a small board."""
UNREADABLE: Final = "UNREADABLE"
"""The recording is damaged, or is not the one that was recorded."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A clip to measure: the frames of `window` in the recording at `path`; `sha256` is the digest that was recorded of the file."""

    clip: str
    path: Path
    sha256: str
    window: Window


@dataclass(frozen=True, slots=True)
class MeasuredClip:
    """The share of a clip, by the release with this ident and digest of its model, and when it was measured."""

    clip: str
    share: ClipShare
    release: str
    model_sha256: str
    at: datetime


def measure_at(data_dir: Path, folder: Path, clips: Sequence[Recorded]) -> Iterator[MeasuredClip]:
    """Measures clips with the release in `folder`, at the site whose data folder is `data_dir`, one by one.

    Raises:
        ModelUnusable, RuntimeAbsent: the release cannot read.
    """
    reader = Shelf.of(data_dir).at_site(Reader.load(ModelRelease.load(folder)))
    for clip in clips:
        yield measured(reader, clip)


def measured(reader: Reader, clip: Recorded) -> MeasuredClip:
    """Measures one clip; a recording that cannot be read has no share."""
    try:
        share = _share(reader, clip)
    except (BridgeError, OutputNotFinite, OSError):
        share = ClipShare(None, None, None, UNREADABLE, 0, 0, UNKNOWN_NAME, validated=False, simulated=False)
    release = reader.release
    return MeasuredClip(clip.clip, share, release.ident, release.sha256, datetime.now(timezone.utc))


def _share(reader: Reader, clip: Recorded) -> ClipShare:
    if digest_of(clip.path) != clip.sha256:
        return ClipShare(None, None, None, UNREADABLE, 0, 0, UNKNOWN_NAME, validated=False, simulated=False)
    return share_of(reader, clip.path, positions_of(clip.path, clip.window))


def share_of(reader: Reader, path: Path, positions: frozenset[int] | None = None) -> ClipShare:
    """The share of a recording, or of its frames at `positions` counted from 0; the frames before them show where the ultrasound is.

    Raises:
        BridgeError: the recording has nothing readable.
        OutputNotFinite: an output of the network is not a number.
    """
    wanted = None if positions is None else _thinned(sorted(positions))
    measurer, standardiser = ClipMeasurer(reader.release), reader.standardiser()
    with closing(open_file(path)) as source:
        for position, frame in enumerate(source.frames()):
            if wanted is not None and position > max(wanted):
                break
            seen = standardiser.prepare(frame)
            quality = standardiser.judge(seen).quality
            if wanted is None or position in wanted:
                measurer.add(seen, quality, reader.infer(seen))
    return measurer.share()


def _thinned(positions: Sequence[int]) -> frozenset[int]:
    step = -(-len(positions) // MOST_FRAMES)
    return frozenset(positions[::step])
