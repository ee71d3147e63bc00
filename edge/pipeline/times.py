"""The time of each stage for the last frames: a rolling window, with percentiles computed only on request."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

WINDOW = 2048
"""Number of stored frames: a minute at 30 frames a second, in 250 kB."""

RATE_NS = 2_000_000_000
"""The frame rate covers the last two seconds."""


class FrameTimes(NamedTuple):
    """Nanoseconds that one frame spent in each stage, in their order.

    `receive`: from the arrival of its last byte to the start of its preparation. `quality`: until its quality, which is judged during
    `invoke`, is known. `latency`: from the arrival of its last byte to the publication of its reading.
    """

    receive: int
    prepare: int
    wait: int
    invoke: int
    interpret: int
    quality: int
    publish: int
    latency: int
    published_at: int


STAGES = FrameTimes._fields[:-1]


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Milliseconds."""

    p50: float
    p90: float
    p99: float


class Times:
    """The last `WINDOW` frames. One thread adds; any thread can read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: deque[FrameTimes] = deque(maxlen=WINDOW)

    def add(self, times: FrameTimes) -> None:
        with self._lock:
            self._frames.append(times)

    def frames(self) -> list[FrameTimes]:
        """The stored frames, oldest first."""
        with self._lock:
            return list(self._frames)

    def percentiles(self) -> dict[str, Percentiles]:
        """Percentiles by stage; empty before the first frame."""
        frames = self.frames()
        if not frames:
            return {}
        table = np.percentile(np.array(frames, np.int64)[:, : len(STAGES)], (50, 90, 99), axis=0) / 1e6
        return {stage: Percentiles(*map(float, table[:, column])) for column, stage in enumerate(STAGES)}

    def rate(self, now_ns: int) -> float:
        """Frames read per second in the two seconds before `now_ns` (`time.monotonic_ns()`); 0 if no frame was read."""
        at = [frame.published_at for frame in self.frames() if now_ns - frame.published_at <= RATE_NS]
        return (len(at) - 1) * 1e9 / (at[-1] - at[0]) if len(at) > 1 else 0.0
