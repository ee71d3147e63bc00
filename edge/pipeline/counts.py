"""Every frame is accounted for: received = read + dropped, and each drop has its cause. Any number of frames is counted in one step."""

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CountsSnapshot:
    """Totals since start. `dropped` maps a cause to its frames; causes are listed in docs/tester.md."""

    received: int = 0
    read: int = 0
    dropped: dict[str, int] = field(default_factory=dict)


class Counts:
    """Totals, safe to add to from any thread."""

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
        """Frames that the probe sent and that never arrived: received and dropped at once. A gap may claim 2**31 of them."""
        with self._lock:
            self._received += frames
            self._dropped[cause] += frames

    def snapshot(self) -> CountsSnapshot:
        with self._lock:
            return CountsSnapshot(self._received, self._read, dict(self._dropped))
