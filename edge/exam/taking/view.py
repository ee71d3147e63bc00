"""View: what the probe shows of one place, until it is lifted or moved. One view never fills two zones. Sans-I/O: it receives frames."""

from edge.exam.taking.capture import BREAK_S
from edge.vision.quality import Quality

UNMOVED = frozenset({"FROZEN", "TOO_BRIGHT", "CLUTTER"})
"""A frame with no other faults may still show the same place: a frozen image, another gain, a charger nearby."""


class View:
    """The present view. `number` counts the views; `used`: a zone was being taken while this view was seen."""

    def __init__(self) -> None:
        self.number = 0
        self.used = False
        self._lost_since: float | None = None

    def add(self, time_s: float, quality: Quality, *, taking: bool) -> None:
        """Adds one frame at `time_s`, in seconds of the probe's clock; `taking`: a zone is being taken now.

        A new view begins when the image has been lost for longer than a break.
        """
        if not _is_lost(quality):
            self._lost_since = None
            self.used |= taking
        elif self._lost_since is None or time_s < self._lost_since:
            self._lost_since = time_s
        elif self.used and time_s - self._lost_since > BREAK_S:
            self.number, self.used = self.number + 1, False


def _is_lost(quality: Quality) -> bool:
    return any(reason.spoils and reason.code not in UNMOVED for reason in quality.reasons)
