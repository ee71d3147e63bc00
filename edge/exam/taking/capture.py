"""Best-clip capture: saves the clip of a zone automatically when the image has been good for long enough. Sans-I/O: it receives frames."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

BREAK_S = 0.2
"""A shorter break between good frames does not count: a heartbeat, or five frames at 25 per second."""
HELD_S = 30.0
"""The best window is selected from this last part of a zone, or from the seconds of the protocol if they are more."""
MOST_SHOTS = 60 * 240
"""The longest clip of a protocol, 60 s, at the highest rate of a probe. So a clock that stops does not fill the memory."""
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
class Captured:
    """A clip to save automatically: the good period that caused it, and the best window among all frames of the zone."""

    stretch: Window
    best: Window


class Capture:
    """Of one zone."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._shots: deque[Shot] = deque(maxlen=MOST_SHOTS)
        self._stretch: Shot | None = None
        self._last_good: Shot | None = None
        self._latest: float | None = None
        self.captured: Captured | None = None

    @property
    def held_s(self) -> float:
        """How long the image has been good; the seconds of the protocol once the clip is saved."""
        if self.captured is not None:
            return self._seconds
        if self._stretch is None or self._last_good is None:
            return 0.0
        return self._last_good.time_s - self._stretch.time_s

    def add(self, time_s: float, sequence: int, score: float, good: bool) -> Captured | None:
        """Adds one frame; returns the clip at the frame that completes it, and None before and after."""
        if self.captured is not None:
            return None
        if self._latest is not None and time_s < self._latest:
            self._begin_again()
        self._latest = time_s
        shot = Shot(time_s, sequence, score)
        self._remember(shot)
        self._extend(shot, good)
        if good and self.held_s >= self._seconds - ROUNDING_S:
            self.captured = self._complete()
        return self.captured

    def _begin_again(self) -> None:
        """The clock went back: this is another source, and earlier frames belong to no clip."""
        self._shots.clear()
        self._stretch = self._last_good = None

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

    def _complete(self) -> Captured:
        begun = self._stretch.time_s if self._stretch else 0.0
        stretch = [shot for shot in self._shots if shot.time_s >= begun]
        return Captured(_window(stretch), best_window(self._shots, self._seconds))


def held_for(seconds: float) -> float:
    """How long frames are remembered, in seconds, if `seconds` of them make a clip."""
    return max(HELD_S, seconds)


def best_window(shots: Sequence[Shot], seconds: float) -> Window:
    """The frames with the highest mean score that last `seconds`, or at most a break longer; the earliest of equals.

    All frames, if no frames in a row last so long. Frames are in the order in which they came.

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
