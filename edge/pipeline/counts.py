"""Counts of every frame: received = read + dropped, and each drop has a cause. One step counts any number of frames."""

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CountsSnapshot:
    """Totals since the start. `dropped` maps a cause to its number of frames; docs/tester.md lists the causes."""

    received: int = 0
    read: int = 0
    dropped: dict[str, int] = field(default_factory=dict)


class Counts:
    """Totals; any thread can add to them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._received = 0
        self._read = 0
        self._dropped: Counter[str] = Counter()

    def received(self) -> None:
        with self._lock:
            self._received += 1

    def read(self) -> None:
        with self._lock:
            self._read += 1

    def dropped(self, cause: str, frames: int = 1) -> None:
        with self._lock:
            self._dropped[cause] += frames

    def lost(self, cause: str, frames: int) -> None:
        """Frames that the probe sent and that never arrived: they count as received and as dropped. A gap can claim 2**31 frames."""
        with self._lock:
            self._received += frames
            self._dropped[cause] += frames

    def snapshot(self) -> CountsSnapshot:
        with self._lock:
            return CountsSnapshot(self._received, self._read, dict(self._dropped))
