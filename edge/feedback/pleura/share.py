"""The share of the pleural line below which B-lines run, in one frame.

A beam counts where two things hold. The class map sees B-lines at the pleura, and the echoes below stand out from those below the rest of
the line, or do not fade. The map alone is too coarse: a cell is 14 mm wide, and one B-line lights several. The picture alone does not tell
B-lines from other bright lung. `docs/feedback.md` has the figures of these and of other ways.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.feedback.pleura.line import PleuralLine, smooth_across
from edge.vision.beams import DEPTHS, LINES
from firmware_bridge.frame import Grey

Flags = NDArray[np.bool_]
Levels = NDArray[np.float32]

LEAST_SEEN = 0.3
"""A smaller part of the beams with a pleural line gives no share."""
MAP_BAND = 12
"""The map counts from the pleura to so many steps of the beams below it, a tenth of the depth: one cell of the map."""
ECHO_BAND = (0.25, 0.8)
"""The echoes count from and until these parts of the way from the pleura to the bottom: below the first repetition of the pleura."""
STANDS_OUT, QUIET = 15.0, 20
"""Grey levels above the quiet part of the line: its 20th percentile."""
LASTS = 0.5
"""Echoes at least so bright, relative to the pleura, do not fade: confluent B-lines leave no quiet part to stand out from."""
LEAST_PLEURA = 20.0
"""A darker pleura in grey levels counts as this bright."""
WIDE, LOUD = 0.5, 95
"""Where the map sees B-lines below more of the line than this, its 95th percentile has to stand out: else their width is not seen."""

LITTLE_PLEURA: Final = "LITTLE_PLEURA"
NO_CONTRAST: Final = "NO_CONTRAST"


@dataclass(frozen=True, slots=True)
class FrameShare:
    """`share` (0 to 1) of the pleural line seen; None where it cannot be stated, with the `code` of the reason."""

    share: float | None
    code: str = ""


def frame_share(line: PleuralLine, mapped: Levels, grey: Grey) -> FrameShare:
    """The share in one frame.

    `mapped` and `grey` (LINES, DEPTHS) are its class map of B-lines and its picture, both along its beams. The map holds calibrated
    log-odds: it sees B-lines from 0, a probability of a half, from which the page and the exported class maps colour it.
    """
    if line.share_seen < LEAST_SEEN:
        return FrameShare(None, LITTLE_PLEURA)
    seen = line.seen
    says = _map_at(line, mapped)[seen] >= 0
    levels = smooth_across(grey)
    echoes = _echoes_below(line, levels)[seen]
    quiet, loud = np.percentile(echoes, [QUIET, LOUD])
    lasting = echoes >= LASTS * np.maximum(_pleura_at(line, levels)[seen], LEAST_PLEURA)
    found = says & ((echoes >= quiet + STANDS_OUT) | lasting)
    if says.mean() > WIDE and loud - quiet < STANDS_OUT and found.mean() <= WIDE:
        return FrameShare(None, NO_CONTRAST)
    return FrameShare(float(found.mean()))


def _map_at(line: PleuralLine, mapped: Levels) -> Levels:
    return _means(mapped, line.depth, np.minimum(line.depth + MAP_BAND, DEPTHS))


def _pleura_at(line: PleuralLine, levels: Levels) -> Levels:
    return _means(levels, line.depth - 1, line.depth + 2)


def _echoes_below(line: PleuralLine, levels: Levels) -> Levels:
    """The median of each beam: A-lines are thin, and do not count."""
    left = DEPTHS - line.depth
    first, end = (line.depth + (part * left).astype(np.intp) for part in ECHO_BAND)
    return np.array([np.median(levels[beam, first[beam] : end[beam]]) for beam in range(LINES)], np.float32)


def _means(values: Levels, first: NDArray[np.intp], end: NDArray[np.intp]) -> Levels:
    return np.array([values[beam, first[beam] : end[beam]].mean() for beam in range(LINES)], np.float32)
