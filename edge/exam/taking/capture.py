"""Best-clip capture: when a zone has been good for long enough its clip is kept by itself. Sans-I/O: told of frames, it says when."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

BREAK_S = 0.2
"""A break between good frames that is no longer than this does not count: a heartbeat, or five frames at 25 a second."""
HELD_S = 30.0
"""The best window is chosen from this last part of a zone, or from the protocol's seconds if those are more; the rest is forgotten."""
MOST_SHOTS = 60 * 240
"""Of the longest clip that a protocol may ask for, 60 s, at the highest rate of a probe. A clock that stands still fills no memory."""
ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class Shot:
    """What is remembered of a frame: when it came, in seconds of a clock that does not go back, and its quality score, 0 to 100."""

    time_s: float
    sequence: int
    score: float


@dataclass(frozen=True, slots=True)
class Window:
    """Frames from `first` to `last`, both sequences included, with their mean quality score."""

    first: int
    last: int
    score: float


@dataclass(frozen=True, slots=True)
class Kept:
    """A clip that keeps itself: the good stretch that ripened it, and the best window among all frames of the zone."""

    stretch: Window
    best: Window


class Capture:
    """Of one zone.

    `moved_on` is False where the zone before has just been kept: nothing counts until the image has been lost for longer than a break, so
    that this zone is not taken from where the probe still lies.
    """

    def __init__(self, seconds: float, *, moved_on: bool = True) -> None:
        self._seconds = seconds
        self._shots: deque[Shot] = deque(maxlen=MOST_SHOTS)
        self._stretch: Shot | None = None
        self._last_good: Shot | None = None
        self._waits_since: float | None = None
        self._latest: float | None = None
        self.waiting = not moved_on
        self.kept: Kept | None = None

    @property
    def held_s(self) -> float:
        """For how long the image has been good; the protocol's seconds once the clip is kept."""
        if self.kept is not None:
            return self._seconds
        if self._stretch is None or self._last_good is None:
            return 0.0
        return self._last_good.time_s - self._stretch.time_s

    def add(self, time_s: float, sequence: int, score: float, good: bool) -> Kept | None:
        """Takes one frame; the clip is returned at the very frame that ripens it, and afterwards nothing."""
        if self.kept is not None:
            return None
        if self._latest is not None and time_s < self._latest:
            self._begin_again()
        self._latest = time_s
        if self.waiting:
            self._wait(time_s, good)
            return None
        shot = Shot(time_s, sequence, score)
        self._remember(shot)
        self._extend(shot, good)
        if good and self.held_s >= self._seconds - ROUNDING_S:
            self.kept = self._ripe()
        return self.kept

    def _begin_again(self) -> None:
        """The clock went back: another source speaks, and what came before belongs to no clip."""
        self._shots.clear()
        self._stretch = self._last_good = self._waits_since = None

    def _wait(self, time_s: float, good: bool) -> None:
        if good:
            self._waits_since = None
        elif self._waits_since is None:
            self._waits_since = time_s
        self.waiting = self._waits_since is None or time_s - self._waits_since <= BREAK_S

    def _remember(self, shot: Shot) -> None:
        self._shots.append(shot)
        while shot.time_s - self._shots[0].time_s > held_for(self._seconds):
            self._shots.popleft()

    def _extend(self, shot: Shot, good: bool) -> None:
        if self._last_good is not None and shot.time_s - self._last_good.time_s > BREAK_S + ROUNDING_S:
            self._stretch = self._last_good = None
        if good:
            self._stretch = self._stretch or shot
            self._last_good = shot

    def _ripe(self) -> Kept:
        begun = self._stretch.time_s if self._stretch else 0.0
        stretch = [shot for shot in self._shots if shot.time_s >= begun]
        return Kept(_window(stretch), best_window(self._shots, self._seconds))


def held_for(seconds: float) -> float:
    """For how long frames are remembered, in seconds, where `seconds` of them make a clip."""
    return max(HELD_S, seconds)


def best_window(shots: Sequence[Shot], seconds: float) -> Window:
    """The frames of highest mean score that last `seconds`, or a break longer where frames come so; the earliest of equals.

    All frames, where none last so long in a row. Frames are in the order in which they came.

    Raises:
        ValueError: there is no frame.
    """
    every = list(shots)
    if not every:
        raise ValueError("no frame, no window")
    best: Window | None = None
    first, total = 0, 0.0
    for last, shot in enumerate(every):
        total += shot.score
        while first < last and shot.time_s - every[first + 1].time_s >= seconds - ROUNDING_S:
            total -= every[first].score
            first += 1
        lasts, mean = shot.time_s - every[first].time_s, total / (last - first + 1)
        if seconds - ROUNDING_S <= lasts <= seconds + BREAK_S + ROUNDING_S and (best is None or mean > best.score + ROUNDING_S):
            best = Window(every[first].sequence, shot.sequence, mean)
    return best or _window(every)


def _window(shots: Sequence[Shot]) -> Window:
    return Window(shots[0].sequence, shots[-1].sequence, sum(shot.score for shot in shots) / len(shots))
