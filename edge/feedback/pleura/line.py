"""The pleural line in a picture along its beams. The class maps of the releases have no plane for it.

The best path across the beams is searched with the Viterbi algorithm, as Carrer et al. do (IEEE TUFFC 2020;67:2207, doi
10.1109/TUFFC.2020.3005512: 84 % of pleural lines found with convex probes). A place on it is brighter than what is below it, and is not
above black: below a rib there is a shadow, below the pleura lung.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.vision.beams import DEPTHS, LINES
from firmware_bridge.frame import Grey

Levels = NDArray[np.float32]

SHALLOWEST, DEEPEST = round(0.05 * DEPTHS), DEPTHS // 2
"""It is searched for below the ringing of the array, and in the upper half: deeper lines are its repetitions (A-lines)."""
LINE, BELOW, LUNG = (-1, 2), (3, 9), (6, 22)
"""Steps of the beams from a place, from and until: the line itself, what it stands out from, and where a rib's shadow shows."""
MOST, LEAST = 80.0, 8.0
"""In grey levels: more contrast than `MOST` is no better, as ribs have most; with less than `LEAST` no line is seen."""
BLACK, SHADOW = 12.0, 0.4
"""A beam is in shadow where the mean grey of its `LUNG` is below this, or below this share of the median of all beams at that depth. Where
B-lines run below most of the line, lung that is darker than that counts as shadow, too."""
DEEPER = 0.5
"""Grey levels that each step of depth costs: of two lines with like contrast the upper one is the pleura, the lower one its repetition."""
BEND = 2.0
"""Grey levels that one step up or down from one beam to the next costs."""


@dataclass(frozen=True, slots=True, eq=False)
class PleuralLine:
    """The depth (LINES,) of the line on each beam, in steps of the beams, and on which of them it is `seen`."""

    depth: NDArray[np.intp]
    seen: NDArray[np.bool_]

    @property
    def share_seen(self) -> float:
        """The part of the beams, 0 to 1, that shows it."""
        return float(self.seen.mean())


def find_line(grey: Grey) -> PleuralLine:
    """The pleural line in the (LINES, DEPTHS) grey of a frame along its beams; there is always a path, seen or not."""
    levels = smooth_across(grey)
    means = _Means(levels)
    contrast = np.clip(means.over(LINE) - means.over(BELOW), 0, MOST)
    lung = means.over(LUNG)
    lit = lung >= np.maximum(BLACK, SHADOW * np.median(lung, axis=0))
    score = np.where(lit, contrast, 0)[:, SHALLOWEST:DEEPEST]
    path = _best_path(score - DEEPER * np.arange(score.shape[1], dtype=np.float32))
    return PleuralLine(path + SHALLOWEST, score[np.arange(LINES), path] >= LEAST)


def smooth_across(grey: Grey) -> Levels:
    """The mean of each beam and its two neighbours: speckle has less effect, and no detail along the beam is lost."""
    padded = np.pad(grey.astype(np.float32), ((1, 1), (0, 0)), mode="edge")
    return np.asarray((padded[:-2] + padded[1:-1] + padded[2:]) / 3, np.float32)


class _Means:
    """Means over depths around every place."""

    def __init__(self, levels: Levels) -> None:
        self._sums = np.cumsum(np.pad(levels, ((0, 0), (1, 0))), axis=1, dtype=np.float64)

    def over(self, band: tuple[int, int]) -> Levels:
        places = np.arange(DEPTHS)
        first, end = (np.clip(places + step, 0, DEPTHS) for step in band)
        return np.asarray((self._sums[:, end] - self._sums[:, first]) / np.maximum(end - first, 1), np.float32)


def _best_path(score: Levels) -> NDArray[np.intp]:
    """The depth on each line of the path with the greatest sum; it moves by at most one step from line to line."""
    lines, depths = score.shape
    total, came_from = score[0], np.zeros(score.shape, np.intp)
    for line in range(1, lines):
        padded = np.pad(total, 1, constant_values=-np.inf)
        steps = np.stack([padded[1:-1], padded[:-2] - BEND, padded[2:] - BEND])
        best = steps.argmax(axis=0)
        came_from[line] = np.arange(depths) + np.array([0, -1, 1])[best]
        total = steps.max(axis=0) + score[line]
    path = np.zeros(lines, np.intp)
    path[-1] = int(total.argmax())
    for line in range(lines - 1, 0, -1):
        path[line - 1] = came_from[line, path[line]]
    return path
