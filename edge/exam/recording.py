"""Reads every frame of a recording; one thread decodes and prepares while another reads."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from edge.exam.ahead import ahead
from edge.exam.clip import ClipFinding, ClipReader
from edge.inference.reader import Reader
from edge.vision.quality import Limits
from edge.vision.standardise import ANY, Standardised
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Source, SourceLoss

FRAMES_AHEAD = 8


@dataclass(frozen=True, slots=True)
class RecordingFinding:
    """What the clip shows, what could not be decoded, and how long everything took."""

    finding: ClipFinding
    losses: tuple[SourceLoss, ...]
    decode_ms: float
    total_s: float


class _Decoding:
    """Frames as the network sees them; `decode_ns` is the time that the source alone took."""

    def __init__(self, source: Source, reader: Reader, limits: Limits, every: int, positions: frozenset[int] | None) -> None:
        self._source = source
        self._every = every
        self._positions = positions
        self._reader = reader
        self._limits = limits
        self.decode_ns = 0

    def __iter__(self) -> Iterator[Standardised]:
        end = None if self._positions is None else max(self._positions) + 1
        frames = islice(self._source.frames(), None, end, self._every)
        standardiser = self._reader.standardiser()
        while (frame := self._next(frames)) is not None:
            seen = standardiser.take(frame, self._limits)
            if self._positions is None or frame.sequence in self._positions:
                yield seen

    def _next(self, frames: Iterator[Frame]) -> Frame | None:
        begun = time.perf_counter_ns()
        frame = next(frames, None)
        self.decode_ns += time.perf_counter_ns() - begun
        return frame


def read_recording(
    source: Source,
    reader: Reader,
    each_frame: Callable[[], None],
    limits: Limits = ANY,
    *,
    every: int = 1,
    positions: frozenset[int] | None = None,
) -> RecordingFinding:
    """Reads every frame of the source, or only each `every`-th, with the quality limits `limits`; `each_frame` is called after each.

    With `positions`, counted from 0, only these are read; the frames before them still show where the ultrasound is.

    Raises:
        BridgeError: the source has nothing readable.
    """
    begun = time.perf_counter()
    clip = ClipReader(reader.release)
    decoding = _Decoding(source, reader, limits, every, positions)
    with closing(ahead(decoding, FRAMES_AHEAD)) as items:
        for seen in items:
            clip.add(seen.quality, reader.infer(seen))
            each_frame()
    finding = clip.finding()
    return RecordingFinding(finding, source.losses, decoding.decode_ns / 1e6 / max(1, finding.frames), time.perf_counter() - begun)
