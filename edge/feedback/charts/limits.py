"""The limit of a chart by simulation: no formula holds for every kind of weight."""

from collections.abc import Callable

import numpy as np

from edge.feedback.charts.cusum import highest
from edge.inference.statistics import SEED, Numbers

RUNS, SHORT_RUNS = 2000, 10_000
"""Simulated charts: a run length is then known within 3 %, and a chance of 5 % within 0.4 %."""
AT_ONCE = 1000
"""Charts in memory."""
SURE = 2
"""Standard errors by which the simulated chance is below the stated one."""
HALVINGS = 30
BEYOND = 2
"""Each simulated chart lasts this many times the run length; longer ones are counted by their rate (exponential with censoring)."""

ROUNDING = 1e-6
"""The same weights in another order have a slightly different sum."""

Draw = Callable[[np.random.Generator, tuple[int, int]], Numbers]
"""The weights of (exams, charts) while nothing is wrong."""


def limit_for_run_length(draw: Draw, exams: int) -> float:
    """The lowest limit with which false alarms are at least so many exams apart, on average."""
    tops = highest(draw(np.random.default_rng(SEED), (BEYOND * exams, RUNS)))
    low, high = 0.0, float(tops.max()) * 2 + 1
    for _ in range(HALVINGS):
        limit = (low + high) / 2
        low, high = (low, limit) if run_length(tops, limit) >= exams else (limit, high)
    return high


def limit_for_chance(draw: Draw, exams: int, chance: float) -> float:
    """The lowest limit which a chart reaches within so many exams with no more than this chance, while nothing is wrong."""
    rng = np.random.default_rng(SEED)
    last = np.sort(np.concatenate([highest(draw(rng, (exams, AT_ONCE)))[-1] for _ in range(SHORT_RUNS // AT_ONCE)]))
    reached = SHORT_RUNS * chance - SURE * np.sqrt(SHORT_RUNS * chance * (1 - chance))
    return float(last[-1 - max(0, int(reached))]) + ROUNDING


def run_length(tops: Numbers, limit: float) -> float:
    """The average number of exams to the first alarm, from the (exams, charts) of `highest`; infinite without an alarm."""
    before = (tops < limit).sum(axis=0)
    alarms = int((before < len(tops)).sum())
    return float(before.sum() + alarms) / alarms if alarms else np.inf
