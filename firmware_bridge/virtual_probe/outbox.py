"""The bytes that wait for the host, in order, and how many frames are among them."""

from collections import deque

FRAMES = 3
"""So many frames may wait, as in the ring of a small probe: a host that is busy for a moment loses none."""


class Outbox:
    """A port sends from the front of `parts` and removes what it has sent."""

    def __init__(self) -> None:
        self.parts: deque[memoryview] = deque()
        self._put = 0
        self._ends: deque[int] = deque()
        """Where each frame ends, in bytes since the first."""

    def put(self, *parts: bytes | memoryview) -> None:
        for part in parts:
            if len(part):
                self.parts.append(memoryview(part))
                self._put += len(part)

    def put_frame(self, *parts: bytes | memoryview) -> None:
        self.put(*parts)
        self._ends.append(self._put)

    @property
    def full(self) -> bool:
        """True while the next frame has no room. Short messages, such as a sign of life, take none."""
        sent = self._put - sum(map(len, self.parts))
        while self._ends and self._ends[0] <= sent:
            self._ends.popleft()
        return len(self._ends) >= FRAMES
