"""Read a whole recording: every frame of it, decoded and prepared in one thread while another reads."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

from edge.exam.ahead import ahead
from edge.exam.clip import ClipFinding, ClipReader
from edge.inference.reader import Prepared, Reader
from edge.vision.quality import Quality, assess
from edge.vision.region import RegionFinder
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Source, SourceLoss

FRAMES_AHEAD = 8


@dataclass(frozen=True, slots=True)
class RecordingFinding:
    """What the clip shows, what the source could not decode, and how long it all took."""

    finding: ClipFinding
    losses: tuple[SourceLoss, ...]
    decode_ms: float
    total_s: float


class _Decoding:
    """Frames with their tensor and quality; `decode_ns` is the time that the source alone took."""

    def __init__(self, source: Source, reader: Reader) -> None:
        self._source = source
        self._reader = reader
        self.decode_ns = 0

    def __iter__(self) -> Iterator[tuple[Prepared, Quality]]:
        frames = self._source.frames()
        regions = RegionFinder()
        while (frame := self._next(frames)) is not None:
            cleaned = regions.find(frame).cleaned(frame)
            yield self._reader.prepare(cleaned), assess(cleaned)

    def _next(self, frames: Iterator[Frame]) -> Frame | None:
        begun = time.perf_counter_ns()
        frame = next(frames, None)
        self.decode_ns += time.perf_counter_ns() - begun
        return frame


def read_recording(source: Source, reader: Reader, each_frame: Callable[[], None]) -> RecordingFinding:
    """Reads every frame that the source gives; `each_frame` is called after each.

    Raises:
        BridgeError: the source holds nothing that can be read.
    """
    begun = time.perf_counter()
    clip = ClipReader(reader.release)
    decoding = _Decoding(source, reader)
    with closing(ahead(decoding, FRAMES_AHEAD)) as items:
        for prepared, quality in items:
            clip.add(quality, reader.infer(prepared))
            each_frame()
    finding = clip.finding()
    return RecordingFinding(finding, source.losses, decoding.decode_ns / 1e6 / max(1, finding.frames), time.perf_counter() - begun)
