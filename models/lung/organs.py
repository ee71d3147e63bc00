"""Simulated pictures of other organs: layers, masses, cysts and vessels in speckle. What looks like them, and not like a lung, is no lung.

They have no pleura, no repetition below it and no comet tails. Real pictures of other organs are never used to fit: they judge.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.vision.level import levelled
from firmware_bridge.frame import Grey

Values = NDArray[np.float64]

COUNT = 1500
LAYERS, MASSES = (1, 7), (0, 7)
"""From so many to fewer than so many of them."""
RANGE_DB = (35.0, 70.0)
"""Echoes that a scanner shows, from black to white."""


@dataclass(frozen=True, slots=True)
class Organs:
    side: int
    seed: int = 1

    def pictures(self, count: int = COUNT) -> Grey:
        """(count, side, side) grey at the common level, the same in every run."""
        rng = np.random.default_rng(self.seed)
        return np.stack([levelled(_Organ(self.side, rng).picture()) for _ in range(count)])


class _Organ:
    """Works in shares of the side: `down` and `across` are (side, side)."""

    def __init__(self, side: int, rng: np.random.Generator) -> None:
        self._side, self._rng = side, rng
        self._down, self._across = np.mgrid[:side, :side] / side

    def picture(self) -> Grey:
        echo = self._layers() + self._between(0, 5) * self._waves(self._between(0.03, 0.15))
        for _ in range(self._rng.integers(*MASSES)):
            self._add_mass(echo)
        echo -= self._between(0, 25) * self._down
        shown, white = self._between(*RANGE_DB), self._between(0.45, 0.75)
        share = np.clip((self._speckle() + echo) / shown + white, 0, 1)
        return (255 * share ** self._between(0.7, 1.5) * self._window()).astype(np.uint8)

    def _between(self, low: float, high: float) -> float:
        return float(self._rng.uniform(low, high))

    def _chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)

    def _waves(self, down: float, across: float | None = None) -> Values:
        """Random smooth values of deviation 1; the arguments are how far they stay alike, as shares of the side."""
        frequency_down, frequency_across = np.fft.fftfreq(self._side)[:, np.newaxis], np.fft.rfftfreq(self._side)
        reach = 2 * (np.pi * self._side) ** 2
        low_pass = np.exp(-reach * ((frequency_down * down) ** 2 + (frequency_across * (down if across is None else across)) ** 2))
        found = np.fft.irfft2(np.fft.rfft2(self._rng.normal(size=(self._side, self._side))) * low_pass, (self._side, self._side))
        return np.asarray(found / found.std(), np.float64)

    def _layers(self) -> Values:
        """Echo in decibels of bent layers, some with a bright face, and of fibres or lobules in them."""
        echo = np.full((self._side, self._side), self._between(-8, 4))
        bend = self._between(0, 0.09) * self._waves(self._between(0.12, 0.3)) + self._between(-0.15, 0.15) * (self._across - 0.5)
        depth, top = self._down + bend, 0.0
        for _ in range(self._rng.integers(*LAYERS)):
            bottom = top + self._between(0.04, 0.35)
            echo[(depth >= top) & (depth < bottom)] = self._between(-14, 8)
            if self._chance(0.5):
                echo += self._between(4, 16) * np.exp(-(((depth - top) / self._between(0.004, 0.015)) ** 2))
            top = bottom
        return echo + self._between(0, 6) * self._waves(self._between(0.006, 0.03), self._between(0.02, 0.11))

    def _add_mass(self, echo: Values) -> None:
        """A cyst, a vessel, a node or a bone: an uneven ellipse, some with a bright wall, with a shadow or with brighter echoes below."""
        down, across = self._down - self._between(0.1, 0.95), self._across - self._between(0.05, 0.95)
        high, wide, turn = self._between(0.02, 0.25), self._between(0.02, 0.3), self._between(0, np.pi)
        one, other = down * np.cos(turn) + across * np.sin(turn), across * np.cos(turn) - down * np.sin(turn)
        radius = np.hypot(one / high, other / wide) + 0.15 * self._waves(0.07)
        inside = radius < 1
        level = self._between(-35, -8) if self._chance(0.6) else self._between(0, 14)
        echo[inside] = level + self._between(0, 4) * self._waves(0.025)[inside]
        if self._chance(0.4):
            echo += self._between(5, 18) * np.exp(-(((radius - 1) / self._between(0.03, 0.12)) ** 2))
        if self._chance(0.5):
            echo[(np.abs(across) < 0.8 * wide) & (down > 0.6 * high)] += self._rng.choice([-1, 1]) * self._between(2, 15)

    def _speckle(self) -> Values:
        """The echo of many scatterers in each cell, in decibels around 0: a Rayleigh amplitude."""
        grain = self._between(0.4, 1.6) / self._side, self._between(0.6, 3.2) / self._side
        amplitude = np.hypot(self._waves(*grain), self._waves(*grain))
        return np.asarray(20 * np.log10(amplitude / amplitude.mean() + 1e-3), np.float64)

    def _window(self) -> Values:
        """1 where the picture shows tissue: a fan, a rectangle, or all of it."""
        kind = self._rng.random()
        if kind < 0.45:
            apex, half = self._between(-0.6, -0.02), self._between(0.35, 0.8)
            reach = np.hypot(self._across - 0.5, self._down - apex)
            near = -apex * self._between(0.8, 1)
            inside = (np.abs(np.arctan2(self._across - 0.5, self._down - apex)) < half) & (reach > near) & (reach < 0.98 - apex)
        elif kind < 0.75:
            inside = (np.abs(self._across - 0.5) < self._between(0.2, 0.5)) & (self._down < self._between(0.5, 1.4))
        else:
            inside = np.ones(self._down.shape, np.bool_)
        return np.asarray(inside, np.float64)
