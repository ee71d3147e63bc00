"""The share over a clip: the mean of its frames, with the quartiles as its spread.

The mean repeats better than the median, because a frame near the limit of the map shows all of its B-lines or none: over the halves of
real clips the limits of agreement are -13 to 14 points with the mean, and -22 to 25 with the median. One odd frame of n moves it by
100/n points at most.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.exam.clip import NOVELTY, QUALITY, ClipReader
from edge.feedback.pleura.along import along
from edge.feedback.pleura.line import find_line
from edge.feedback.pleura.share import LITTLE_PLEURA, NO_CONTRAST, frame_share
from edge.inference.reading import Reading
from edge.inference.release import ModelRelease
from edge.vision.beams import Beams
from edge.vision.quality import Quality
from edge.vision.region import Region
from edge.vision.standardise import Prepared

METHOD = 1
"""The number of this way to measure; a share of another way is measured again."""
REPEATS_WITHIN = 14
"""Points by which two measurements of one place differ at most in 95 of 100 cases: the halves of 44 real clips (`docs/feedback.md`)."""
B_LINES = "b_lines"
MEASURED_SHARE = 0.5
"""A clip with a smaller part of measured frames has no share."""

NO_CLASS: Final = "NO_B_LINE_CLASS"
POOR: Final = "POOR_IMAGES"
NO_LUNG: Final = "NO_LUNG"
WHY_NOT = (NO_CLASS, POOR, NO_LUNG, LITTLE_PLEURA, NO_CONTRAST)
"""Why a clip that could be read has no share: the release has no B-lines, the images are poor or show no lung, or see `share`."""


@dataclass(frozen=True, slots=True)
class ClipShare:
    """`share`, `low` and `high` (the quartiles of the frames) in per cent, None with the `code` of the reason.

    `measured` of the `frames` gave a share. `machine` made them; `validated`: the release is validated on it.
    """

    share: float | None
    low: float | None
    high: float | None
    code: str
    frames: int
    measured: int
    machine: str
    validated: bool
    simulated: bool


class ClipMeasurer:
    """Gathers the frames of one clip that one release reads."""

    def __init__(self, release: ModelRelease) -> None:
        self._clip = ClipReader(release)
        self._plane = next(((index, label) for index, label in enumerate(release.findings) if label.key == B_LINES), None)
        self._shares: list[float] = []
        self._codes: Counter[str] = Counter()
        self._of: tuple[Region, Beams] | None = None

    def add(self, seen: Prepared, quality: Quality, reading: Reading) -> None:
        """Adds a frame, prepared, judged and read.

        Raises:
            ValueError: the quality and the reading belong to different frames.
        """
        self._clip.add(quality, reading)
        if not quality.good or self._plane is None:
            return
        index, label = self._plane
        beams = self._beams(seen.region)
        grey = beams.along(seen.frame.pixels)
        mapped = along(reading.class_map[:, :, index], seen.field, beams, seen.frame.pixels.shape[1])
        found = frame_share(find_line(grey), label.slope * mapped + label.offset, grey)
        if found.share is None:
            self._codes[found.code] += 1
        else:
            self._shares.append(100 * found.share)

    def share(self) -> ClipShare:
        """The share of all frames so far."""
        finding = self._clip.finding()
        code = self._code(finding.reason)
        mean, low, high = (None, None, None) if code else self._figures()
        about = (finding.frames, len(self._shares), finding.machine, finding.machine_validated, finding.simulated)
        return ClipShare(mean, low, high, code, *about)

    def _code(self, reason: str | None) -> str:
        if self._plane is None:
            return NO_CLASS
        if reason in (QUALITY, NOVELTY):
            return POOR if reason == QUALITY else NO_LUNG
        if len(self._shares) < max(1, MEASURED_SHARE * self._clip.frames):
            return self._codes.most_common(1)[0][0] if self._codes else POOR
        return ""

    def _figures(self) -> tuple[float, float, float]:
        low, high = np.percentile(self._shares, [25, 75])
        return float(np.mean(self._shares)), float(low), float(high)

    def _beams(self, region: Region) -> Beams:
        if self._of is None or self._of[0] is not region:
            self._of = region, Beams.of(region)
        return self._of[1]
