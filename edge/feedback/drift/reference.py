"""The reference of a release: what steady exams look like, and limits that steady exams rarely reach.

The limits come from simulated wards. Each draws its own reference, and then steady exams, from the exams of the release's: so the limits
allow for how uncertain a reference of so few exams is. All charts have one quantile of their highest scores (Westfall & Young 1993), so the
chance of a false alarm is that of all charts together, however they depend on each other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.feedback.drift.measure import Measure, Measured, Way
from edge.feedback.drift.signals import Signals
from edge.feedback.drift.sums import LARGEST, Steady, Sums
from edge.inference.statistics import Numbers

WARDS, EXAMS = 400, 1000
STOP_CHANCE = 0.35
"""Of a false stop in so many steady exams: one in 2300, on paper. On simulated wards, 1000 steady exams had 0.3 to 0.5 false stops."""
OUTPUT_CHANCE = 4.0
"""A shift of a probability may bring this many times the false stops of another chart, as it is harder to find than a new machine: if the
share of patients with a finding doubles from 25 %, even a perfect chart needs about 50 exams (the logarithm of the run length, divided by
the Kullback-Leibler divergence: Lorden, Ann Math Stat 1971;42:1897)."""
SHIFTS = (Way.HIGHER, Way.LOWER)
LEAST_LIMIT = 2 * LARGEST
"""Two odd exams must not stop a model."""
LEAST_UNLIKE = 1e-3
"""A squared MMD below this is nothing: usual limits are about 0.05, and that of features which never vary is rounding."""
SEED = 20261130
FEATURES = "features"
"""The channel of the network's features."""


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """One sum, its channel and the way in which it differs from the reference."""

    channel: str
    way: Way
    limit: float


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What a release is watched with; `charts` are in the order of `Sums.all`."""

    measure: Measure
    steady: Steady
    charts: tuple[Chart, ...]

    @classmethod
    def of(cls, exams: Sequence[Signals], outputs: Collection[str] = ()) -> "Reference":
        """From exams on which the release was validated; takes some seconds. `outputs` are the channels of the release's probabilities.

        Raises:
            ReferenceRefused: they are too few, or measure nothing in common.
            SignalsRefused: a value is not finite, or exams differ in their number of features.
        """
        measure = Measure(exams)
        measured = _stacked(measure.of_reference(exams))
        ways = [(channel, way) for way in (Way.HIGHER, Way.LOWER, Way.SPREAD) for channel in measure.channels]
        ways.append((FEATURES, Way.UNLIKE))
        found = limits(measured, np.array([OUTPUT_CHANCE if way in SHIFTS and channel in outputs else 1.0 for channel, way in ways]))
        charts = tuple(Chart(channel, way, float(limit)) for (channel, way), limit in zip(ways, found, strict=True))
        return cls(measure, Steady.of(measured), charts)


def limits(measured: Measured, chances: Numbers) -> Numbers:
    """(charts,) from the (exams, channels) and (exams, waves) of the reference, and how the chance of a false stop is shared: (charts,)."""
    rng = np.random.default_rng(SEED)
    count = len(measured.shift)
    steady = Steady.stacked([Steady.of(_taken(measured, rng.integers(0, count, count))) for _ in range(WARDS)])
    waves = measured.place.shape[1]
    sums = Sums(np.zeros((WARDS, 3 * measured.shift.shape[1])), np.zeros((WARDS, waves)))
    top = sums.all
    for _ in range(EXAMS):
        sums = sums.stepped(_taken(measured, rng.integers(0, count, WARDS)), steady)
        top = np.maximum(top, sums.all)
    above = WARDS - np.argsort(np.argsort(top, axis=0), axis=0)
    rarest = np.sort((above / chances).min(axis=1))[int(WARDS * STOP_CHANCE)]
    allowed = np.ceil(rarest * chances).astype(np.int64) - 1
    found = np.sort(top, axis=0)[WARDS - 1 - allowed, np.arange(len(chances))]
    found[:-1] = np.maximum(found[:-1], LEAST_LIMIT)
    found[-1] = max(found[-1], LEAST_UNLIKE) if waves else np.inf
    return np.asarray(found, np.float64)


def _taken(measured: Measured, rows: NDArray[np.int64]) -> Measured:
    return Measured(measured.shift[rows], measured.spread[rows], measured.place[rows])


def _stacked(measured: Sequence[Measured]) -> Measured:
    columns = zip(*((each.shift, each.spread, each.place) for each in measured), strict=True)
    return Measured(*map(np.stack, columns))
