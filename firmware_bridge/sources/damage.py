"""A source that stays open and loses its every frame: neither its frames nor its silence would show that, so its notice does."""

import time
from collections.abc import Callable

from firmware_bridge.errors import ProbeDamaged

AFTER_S = 3.0
"""The notice stands after this time without a whole frame, while lost ones still come."""


class DamageWatch:
    """One thread reports what comes; any thread may ask for the `notice`."""

    def __init__(self, place: str, fix: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`place` and `fix` are words for the notice."""
        self._place, self._fix, self._clock = place, fix, clock
        self._given_s = clock()
        self._lost_s = float("-inf")
        self._lost, self._why = 0, ""

    def given(self) -> None:
        """A whole frame came."""
        self._given_s, self._lost = self._clock(), 0

    def lost(self, frames: int, why: str) -> None:
        """Frames came and were lost; `why` completes the sentence of the notice."""
        self._lost_s, self._lost, self._why = self._clock(), self._lost + frames, why

    @property
    def notice(self) -> ProbeDamaged | None:
        now = self._clock()
        if not self._lost or now - self._given_s <= AFTER_S or now - self._lost_s > AFTER_S:
            return None
        what = f"{self._place} gives only damaged frames: none of {self._lost} in {now - self._given_s:.0f} s is whole ({self._why})"
        return ProbeDamaged(what, self._fix)
